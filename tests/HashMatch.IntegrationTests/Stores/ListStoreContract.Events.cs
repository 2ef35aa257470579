using System.Globalization;
using System.Text;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Stores;

public abstract partial class ListStoreContract
{
    [Fact]
    public async Task Events_are_read_in_order_from_any_cursor()
    {
        await Store.AppendEventsAsync(Events(0, 700), Cancellation);
        await Store.AppendEventsAsync([], Cancellation);
        IListStore other = await OpenAnotherAsync();
        await other.AppendEventsAsync(Events(700, 300), Cancellation);
        var read = new List<string>();
        string? cursor = null;
        while (true)
        {
            IReadOnlyList<StoredEvent> page = await Store.ReadEventsAsync(cursor, 64, Cancellation);
            if (page.Count == 0)
                break;
            Assert.InRange(page.Count, 1, 64);
            read.AddRange(page.Select(stored => Encoding.UTF8.GetString(stored.Document.Span)));
            cursor = page[^1].Cursor;
        }
        Assert.Equal(Enumerable.Range(0, 1000).Select(Number), read);
        await Store.AppendEventsAsync(Events(1000, 1), Cancellation);
        StoredEvent next = Assert.Single(await Store.ReadEventsAsync(cursor, 64, Cancellation));
        Assert.Equal("1000", Encoding.UTF8.GetString(next.Document.Span));
        Assert.Empty(await Store.ReadEventsAsync(null, 0, Cancellation));
    }

    [Fact]
    public async Task Appends_of_many_writers_stay_whole_and_in_their_order()
    {
        IListStore[] stores = [Store, await OpenAnotherAsync()];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(
            i => stores[i % 2].AppendEventsAsync(Events(i * 100, 100), Cancellation)));
        int[] read =
        [
            .. (await Store.ReadEventsAsync(null, 1000, Cancellation)).Select(
                stored => int.Parse(Encoding.UTF8.GetString(stored.Document.Span), CultureInfo.InvariantCulture))
        ];
        Assert.Equal(800, read.Length);
        Assert.All(read.Chunk(100), part => Assert.Equal(Enumerable.Range(part[0], 100), part));
    }

    [Fact]
    public async Task Events_beyond_the_cap_drop_the_oldest()
    {
        const int Cap = 300;
        const int Appended = 2000;
        IListStore store = await OpenAnotherAsync(Cap);
        for (int i = 0; i < Appended; i += 50)
            await store.AppendEventsAsync(Events(i, 50), Cancellation);
        IReadOnlyList<StoredEvent> kept = await store.ReadEventsAsync(null, Appended, Cancellation);
        // Redis drops whole nodes of a hundred.
        Assert.InRange(kept.Count, Cap, Cap + 150);
        Assert.Equal(
            Enumerable.Range(Appended - kept.Count, kept.Count).Select(Number),
            kept.Select(stored => Encoding.UTF8.GetString(stored.Document.Span)));
    }

    [Fact]
    public async Task A_cursor_whose_event_was_dropped_reads_on_from_the_oldest()
    {
        IListStore store = await OpenAnotherAsync(100);
        await store.AppendEventsAsync(Events(0, 1), Cancellation);
        string cursor = Assert.Single(await store.ReadEventsAsync(null, 10, Cancellation)).Cursor;
        await store.AppendEventsAsync(Events(1, 1000), Cancellation);
        IReadOnlyList<StoredEvent> kept = await store.ReadEventsAsync(cursor, 1000, Cancellation);
        Assert.InRange(kept.Count, 100, 250);
        Assert.Equal("1000", Encoding.UTF8.GetString(kept[^1].Document.Span));
    }

    [Fact]
    public async Task Events_of_a_log_stand_there_once_however_often_they_are_sent()
    {
        string log = Guid.NewGuid().ToString("N");
        Assert.Equal(0, await Store.AppendEventsOnceAsync(log, 1, [], Cancellation));
        Assert.Equal(700, await Store.AppendEventsOnceAsync(log, 1, Events(1, 700), Cancellation));
        Assert.Equal(700, await Store.AppendEventsOnceAsync(log, 1, Events(1, 700), Cancellation));
        IListStore other = await OpenAnotherAsync();
        Assert.Equal(700, await other.AppendEventsOnceAsync(log, 300, Events(300, 10), Cancellation));
        Assert.Equal(900, await other.AppendEventsOnceAsync(log, 601, Events(601, 300), Cancellation));
        // A gap is the sender's own: places that it gave to nothing.
        Assert.Equal(1000, await Store.AppendEventsOnceAsync(log, 1000, Events(1000, 1), Cancellation));
        Assert.Equal(1000, await Store.AppendEventsOnceAsync(log, 1, [], Cancellation));
        Assert.Equal(2, await Store.AppendEventsOnceAsync(
            Guid.NewGuid().ToString("N"), 1, Events(5000, 2), Cancellation));
        IReadOnlyList<StoredEvent> read = await Store.ReadEventsAsync(null, 2000, Cancellation);
        Assert.Equal(
            [.. Enumerable.Range(1, 900).Select(Number), "1000", "5000", "5001"],
            read.Select(stored => Encoding.UTF8.GetString(stored.Document.Span)));
    }

    [Fact]
    public async Task Senders_that_repeat_each_other_at_once_append_each_event_once()
    {
        string log = Guid.NewGuid().ToString("N");
        IListStore[] stores = [Store, await OpenAnotherAsync()];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async sender =>
        {
            for (int first = 1; first < 400; first += 25)
                await stores[sender % 2].AppendEventsOnceAsync(log, first, Events(first, 25), Cancellation);
        }));
        Assert.Equal(
            Enumerable.Range(1, 400).Select(Number),
            (await Store.ReadEventsAsync(null, 1000, Cancellation)).Select(
                stored => Encoding.UTF8.GetString(stored.Document.Span)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123456789ABCDEF0123456789ABCDEF")]
    public async Task A_log_whose_id_is_none_is_refused(string log) => await Assert.ThrowsAsync<ArgumentException>(
        () => Store.AppendEventsOnceAsync(log, 1, Events(1, 1), Cancellation));

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("-1")]
    [InlineData("1-x")]
    [InlineData("+")]
    [InlineData("1 ")]
    [InlineData("99999999999999999999999")]
    public async Task A_cursor_of_no_store_is_refused(string cursor) => await Assert.ThrowsAsync<FormatException>(
        () => Store.ReadEventsAsync(cursor, 10, Cancellation));

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static ReadOnlyMemory<byte>[] Events(int from, int count) =>
        [.. Enumerable.Range(from, count).Select(
            number => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(Number(number)))];
}
