using Grpc.Core;
using Grpc.Core.Interceptors;
using HashMatch.Matching.Stores;
using HashMatch.Server.Telemetry;

namespace HashMatch.Server.Errors;

/// <summary>Turns what a call threw into a status, for calls of every kind.</summary>
public sealed class ErrorInterceptor(CallFaults faults) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        // Of what lasts no longer than one message, a caller can be told at once that the store is silent.
        StorePatience.Shorten();
        try
        {
            return await continuation(request, context);
        }
        catch (RpcException e)
        {
            if (!FrameworkErrors.IsGrpc(context.GetHttpContext()))
            {
                FrameworkErrors.AddRetryAfter(context.GetHttpContext(), e);
            }

            CallRecord.Fail(context.GetHttpContext(), e);
            throw;
        }
        catch (Exception e)
        {
            throw Mapped(e, context);
        }
    }

    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(new RequestStream<TRequest>(requestStream), context);
        }
        catch (RpcException e)
        {
            CallRecord.Fail(context.GetHttpContext(), e);
            throw;
        }
        catch (Exception e)
        {
            throw Mapped(e, context);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (RpcException e)
        {
            CallRecord.Fail(context.GetHttpContext(), e);
            throw;
        }
        catch (Exception e)
        {
            throw Mapped(e, context);
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(new RequestStream<TRequest>(requestStream), responseStream, context);
        }
        catch (RpcException e)
        {
            CallRecord.Fail(context.GetHttpContext(), e);
            throw;
        }
        catch (Exception e)
        {
            throw Mapped(e, context);
        }
    }

    private RpcException Mapped(Exception exception, ServerCallContext context)
    {
        RpcException error = faults.Map(exception, context);
        CallRecord.Fail(context.GetHttpContext(), error);
        return error;
    }
}
