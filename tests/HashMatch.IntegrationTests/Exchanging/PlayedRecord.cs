namespace HashMatch.IntegrationTests.Exchanging;

/// <summary>A record that a player has.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Member">NCMEC: whose it is.</param>
/// <param name="Md5">Its digests; NCMEC's records have several, others one.</param>
/// <param name="IsLive">Whether it was not withdrawn.</param>
/// <param name="Changed">When it was changed last, in ticks of the player.</param>
internal sealed record PlayedRecord(int Id, int Member, string[] Md5, bool IsLive, long Changed);
