namespace Libp2p.Tests;

/// <summary>Small damages to bytes, from a seed.</summary>
internal static class Mutations
{
    public static byte[] Mutate(byte[] bytes, Random random)
    {
        List<byte> list = [.. bytes];

        for (int edits = random.Next(1, 4); edits > 0; edits--)
        {
            int at = random.Next(list.Count + 1);

            switch (random.Next(6))
            {
                case 0:
                    list.Insert(at, (byte)random.Next(256));
                    break;
                case 1 when at < list.Count:
                    list.RemoveAt(at);
                    break;
                case 2 when at < list.Count:
                    list[at] = (byte)random.Next(256);
                    break;
                case 3 when at < list.Count:
                    list[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 4:
                    list.InsertRange(at, list.Skip(random.Next(list.Count + 1)).Take(random.Next(30)).ToArray());
                    break;
                case 5 when random.Next(4) == 0:
                    list.RemoveRange(at, list.Count - at); // cut short
                    break;
                default:
                    break;
            }
        }

        return [.. list];
    }
}
