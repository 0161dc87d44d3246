namespace Libp2p.Tests;

/// <summary>Small damages to texts and bytes, from a seed.</summary>
internal static class TextMutations
{
    private static readonly char[] s_odd =
        ['/', '%', '=', '+', '-', ':', '.', '0', '1', 'z', 'Q', ' ', '\0', '\n', 'é', '☄', '\ud83d', '\ude80', '\uffff'];

    public static string Mutate(string text, Random random)
    {
        List<char> characters = [.. text];

        for (int edits = random.Next(1, 4); edits > 0; edits--)
        {
            int at = random.Next(characters.Count + 1);
            char character = random.Next(2) == 0 ? s_odd[random.Next(s_odd.Length)] : (char)random.Next(0x20, 0x7F);

            switch (random.Next(4))
            {
                case 0:
                    characters.Insert(at, character);
                    break;
                case 1 when at < characters.Count:
                    characters.RemoveAt(at);
                    break;
                case 2 when at < characters.Count:
                    characters[at] = character;
                    break;
                case 3:
                    characters.InsertRange(at, characters.Skip(random.Next(characters.Count + 1)).Take(random.Next(30)).ToArray());
                    break;
                default:
                    break;
            }
        }

        return new string([.. characters]);
    }

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
                case 5:
                    list.RemoveRange(at, list.Count - at); // cut short
                    break;
                default:
                    break;
            }
        }

        return [.. list];
    }
}
