using Google.Protobuf.WellKnownTypes;
using HashMatch.Matching.Lists;
using HashMatch.Proto.V1;

namespace HashMatch.Server.Replica;

/// <summary>Says of the index whether it may be behind the store, and by how much.</summary>
public sealed class IndexFreshness(ListReplica replica)
{
    /// <summary>A store that restarts or fails over is none of its callers' business for so long.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Time since the store was last known to say what the index holds, once the replica has been out of step for
    /// longer than <see cref="Grace"/>, or ever since the start; null while it is not degraded.
    /// </summary>
    public TimeSpan? DegradedAge
    {
        get
        {
            return replica.OutOfStepFor is { } time && (!replica.WasInStep || time > Grace)
                ? replica.Age ?? time
                : null;
        }
    }

    /// <summary>Puts it into responses.</summary>
    public void Mark(IEnumerable<MatchResponse> responses)
    {
        ArgumentNullException.ThrowIfNull(responses);
        if (DegradedAge is not { } age)
        {
            return;
        }

        // One message for all of a batch.
        var duration = Duration.FromTimeSpan(age);
        foreach (MatchResponse response in responses)
        {
            response.Degraded = true;
            response.IndexAge = duration;
        }
    }

    /// <inheritdoc cref="Mark(IEnumerable{MatchResponse})"/>
    public MatchResponse Mark(MatchResponse response)
    {
        Mark([response]);
        return response;
    }
}
