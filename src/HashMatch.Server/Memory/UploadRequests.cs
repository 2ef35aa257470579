using Grpc.AspNetCore.Server;
using Grpc.Core;
using HashMatch.Server.Errors;
using HashMatch.Server.Services;

namespace HashMatch.Server.Memory;

/// <summary>
/// Gives every request its scope in the arena: from here on messages are read into it, and what a request took of it is
/// back when it ends. Behind whatever refuses a request unread.
/// </summary>
internal sealed class UploadRequests(RequestDelegate next, UploadArena arena, ShedAnswers answers)
{
    public async Task InvokeAsync(HttpContext http)
    {
        using UploadScope scope = UploadScope.Begin(arena);
        try
        {
            await JsonUploads.TakeAsync(http, scope);
        }
        catch (RpcException e)
        {
            await RefuseAsync(http, e);
            return;
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            await RefuseAsync(http, RpcErrors.MessageTooLarge().ToRpcException());
            return;
        }
        catch (BadHttpRequestException e)
        {
            await RefuseAsync(http, e.StatusCode == StatusCodes.Status408RequestTimeout
                ? RpcErrors.UploadTooSlow()
                : RpcErrors.MalformedJson("has a body that is no HTTP/1.1"));
            return;
        }

        await next(http);
    }

    private Task RefuseAsync(HttpContext http, RpcException error)
    {
        IMethod? method = http.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method;
        return answers.WriteAsync(http, method?.Name ?? "", isGrpc: false, error);
    }
}
