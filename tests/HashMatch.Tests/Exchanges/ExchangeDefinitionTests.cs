using System.Text.Json;
using HashMatch.Exchanges;
using Xunit;

namespace HashMatch.Tests.Exchanges;

/// <summary>How an exchange's definition is stored.</summary>
public sealed class ExchangeDefinitionTests
{
    [Fact]
    public void A_definition_keeps_its_spelling_so_that_runs_of_later_builds_leave_the_digest_in_its_record_alone()
    {
        ExchangeDefinition definition = new() { Kind = ExchangeKind.Ncmec, List = "a" };
        const string Stored =
            """
            {"kind":"Ncmec","list":"a","interval":"01:00:00","members":[],"notMembers":[],"action":"Review",
            """
            + "\"enabled\":true,\"reportMatches\":false,\"allowPlaintext\":false}";
        Assert.Equal(Stored, JsonSerializer.Serialize(definition, ExchangeJson.Default.ExchangeDefinition));
        ExchangeDefinition? read = JsonSerializer.Deserialize(Stored, ExchangeJson.Default.ExchangeDefinition);
        Assert.Equal(Stored, JsonSerializer.Serialize(read!, ExchangeJson.Default.ExchangeDefinition));
    }
}
