using System.Collections;
using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using HashMatch.Proto.V1;

namespace HashMatch.Server.Access;

/// <summary>
/// Takes the keys of entries in quarantine out of an answer, wherever they stand in it: whoever releases an entry names
/// it by its value, and nobody else is told one.
/// </summary>
internal static class QuarantineKeys
{
    private static readonly ConcurrentDictionary<MessageDescriptor, bool> Holders = [];

    /// <summary>Hides the keys. Costs next to nothing where the kind of answer has none.</summary>
    public static void Hide(IMessage message)
    {
        if (!MayHold(message.Descriptor))
        {
            return;
        }

        if (message is QuarantinedEntry entry)
        {
            entry.Key = null;
            return;
        }

        foreach (FieldDescriptor field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.FieldType != FieldType.Message || field.IsMap || !MayHold(field.MessageType))
            {
                continue;
            }

            object value = field.Accessor.GetValue(message);
            foreach (object each in value as IList ?? new[] { value })
            {
                if (each is IMessage inner)
                {
                    Hide(inner);
                }
            }
        }
    }

    private static bool MayHold(MessageDescriptor message) =>
        Holders.GetOrAdd(message, static outer => Reaches(outer, []));

    private static bool Reaches(MessageDescriptor message, HashSet<MessageDescriptor> seen) =>
        message == QuarantinedEntry.Descriptor || (seen.Add(message) && message.Fields.InDeclarationOrder().Any(
            field => field.FieldType == FieldType.Message && !field.IsMap && Reaches(field.MessageType, seen)));
}
