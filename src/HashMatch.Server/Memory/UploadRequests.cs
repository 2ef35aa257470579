using Grpc.Core;
using HashMatch.Server.Errors;

namespace HashMatch.Server.Memory;

/// <summary>Gives every request its scope in the arena.</summary>
internal static class UploadRequests
{
    /// <summary>
    /// From here on messages are read into the arena, and what a request took of it is back when it ends. Behind
    /// whatever refuses a request unread.
    /// </summary>
    public static void UseUploadArena(this IApplicationBuilder app, UploadArena arena) =>
        app.Use(async (http, next) =>
        {
            using UploadScope scope = UploadScope.Begin(arena);
            try
            {
                await JsonUploads.TakeAsync(http, scope);
            }
            catch (RpcException e)
            {
                await FrameworkErrors.WriteJsonAsync(http.Response, e);
                return;
            }
            catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
            {
                await FrameworkErrors.WriteJsonAsync(http.Response, RpcErrors.MessageTooLarge());
                return;
            }

            await next(http);
        });
}
