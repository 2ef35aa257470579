namespace HashMatch.Pdq;

/// <content>One float at a time, four rows abreast so that their sums do not wait for one another.</content>
internal unsafe ref partial struct JaroszFilter
{
    private const int StripRowsScalar = 4;

    private readonly void FilterStripScalar(float* pixels, int time)
    {
        if (time < _down.Length)
        {
            // Past the end the last row again; nobody reads what it gives.
            int last = _down.Length - 1;
            BoxAcrossScalar(
                pixels + ((long)time * _across.Length),
                pixels + ((long)Math.Min(time + 1, last) * _across.Length),
                pixels + ((long)Math.Min(time + 2, last) * _across.Length),
                pixels + ((long)Math.Min(time + 3, last) * _across.Length),
                RingRow(time));
        }

        for (int i = 0; i < StripRowsScalar; i++)
        {
            BoxDownScalar(Entering(time + i), Leaving(time + i), _down.Count(time + i), _strip + ((long)i * _stride));
        }

        BoxAcrossAtLinesScalar();
    }

    private readonly void BoxAcrossScalar(float* row0, float* row1, float* row2, float* row3, float* destination)
    {
        int window = _across.Window;
        int length = _across.Length;
        int times = _times;
        float* to0 = destination;
        float* to1 = to0 + _stride;
        float* to2 = to1 + _stride;
        float* to3 = to2 + _stride;
        float sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
        for (int t = 0; t < times;)
        {
            int end = Math.Min(times, NextCountAcross(t));
            float count = _across.Count(t);
            for (; t < end; t++)
            {
                if (t < length)
                {
                    sum0 += row0[t];
                    sum1 += row1[t];
                    sum2 += row2[t];
                    sum3 += row3[t];
                }

                if (t >= window)
                {
                    sum0 -= row0[t - window];
                    sum1 -= row1[t - window];
                    sum2 -= row2[t - window];
                    sum3 -= row3[t - window];
                }

                to0[t] = sum0 / count;
                to1[t] = sum1 / count;
                to2[t] = sum2 / count;
                to3[t] = sum3 / count;
            }
        }
    }

    private readonly void BoxDownScalar(float* entering, float* leaving, float count, float* destination)
    {
        float* sums = _columnSums;
        int times = _times;
        for (int t = 0; t < times; t++)
        {
            float sum = sums[t] + entering[t] - leaving[t];
            sums[t] = sum;
            destination[t] = sum / count;
        }
    }

    private readonly void BoxAcrossAtLinesScalar()
    {
        int window = _across.Window;
        float* row0 = _strip + _across.Lag;
        float* row1 = row0 + _stride;
        float* row2 = row1 + _stride;
        float* row3 = row2 + _stride;
        float sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
        int t = 0;
        for (int line = 0; line < Lines; line++)
        {
            int last = _across.Sample(line) + _across.Lag;
            for (; t <= last; t++)
            {
                sum0 += row0[t];
                sum1 += row1[t];
                sum2 += row2[t];
                sum3 += row3[t];
                if (t >= window)
                {
                    sum0 -= row0[t - window];
                    sum1 -= row1[t - window];
                    sum2 -= row2[t - window];
                    sum3 -= row3[t - window];
                }
            }

            float count = _across.Count(last);
            float* to = _lines + line;
            to[0] = sum0 / count;
            to[Lines] = sum1 / count;
            to[2 * Lines] = sum2 / count;
            to[3 * Lines] = sum3 / count;
        }
    }

    private readonly void StepDownScalar(float* entering, float* leaving, float count, float* line)
    {
        float* sums = _tailSums;
        for (int j = 0; j < Lines; j++)
        {
            sums[j] = sums[j] + entering[j] - leaving[j];
        }

        if (count == 0)
        {
            return;
        }

        for (int j = 0; j < Lines; j++)
        {
            line[j] = sums[j] / count;
        }
    }
}
