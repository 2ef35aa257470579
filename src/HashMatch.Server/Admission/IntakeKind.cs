namespace HashMatch.Server.Admission;

/// <summary>What a body is.</summary>
internal enum IntakeKind
{
    /// <summary>One gRPC message.</summary>
    Message,

    /// <summary>One upload in many messages, all of which are kept.</summary>
    Upload,

    /// <summary>Messages that are each let go once they are answered; their sender can wait.</summary>
    Stream,

    /// <summary>One JSON text.</summary>
    Json,
}
