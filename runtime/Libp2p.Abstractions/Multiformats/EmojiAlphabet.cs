using System.Collections.Frozen;
using System.Text;

namespace Libp2p.Multiformats;

/// <summary>
/// One emoji per byte (https://github.com/multiformats/multibase/blob/master/rfcs/Base256Emoji.md): a test of Unicode handling, which
/// is why it is here.
/// </summary>
internal sealed class EmojiAlphabet : BaseAlphabet
{
    private const string Table =
        "🚀🪐☄🛰🌌🌑🌒🌓🌔🌕🌖🌗🌘🌍🌏🌎🐉☀💻🖥💾💿😂❤😍🤣😊🙏💕😭😘👍" +
        "😅👏😁🔥🥰💔💖💙😢🤔😆🙄💪😉☺👌🤗💜😔😎😇🌹🤦🎉💞✌✨🤷😱😌🌸🙌" +
        "😋💗💚😏💛🙂💓🤩😄😀🖤😃💯🙈👇🎶😒🤭❣😜💋👀😪😑💥🙋😞😩😡🤪👊🥳" +
        "😥🤤👉💃😳✋😚😝😴🌟😬🙃🍀🌷😻😓⭐✅🥺🌈😈🤘💦✔😣🏃💐☹🎊💘😠☝" +
        "😕🌺🎂🌻😐🖕💝🙊😹🗣💫💀👑🎵🤞😛🔴😤🌼😫⚽🤙☕🏆🤫👈😮🙆🍻🍃🐶💁" +
        "😲🌿🧡🎁⚡🌞🎈❌✊👋😰🤨😶🤝🚶💰🍓💢🤟🙁🚨💨🤬✈🎀🍺🤓😙💟🌱😖👶" +
        "🥴▶➡❓💎💸⬇😨🌚🦋😷🕺⚠🙅😟😵👎🤲🤠🤧📌🔵💅🧐🐾🍒😗🤑🌊🤯🐷☎" +
        "💧😯💆👆🎤🙇🍑❄🌴💣🐸💌📍🥀🤢👅💡💩👐📸👻🤐🤮🎼🥵🚩🍎🍊👼💍📣🥂";

    private static readonly Rune[] s_runes = [.. Table.EnumerateRunes()];

    private static readonly FrozenDictionary<Rune, byte> s_bytes =
        s_runes.Select(static (rune, value) => KeyValuePair.Create(rune, (byte)value)).ToFrozenDictionary();

    public override int MaxByteCount => Multibase.MaxByteCount;

    public override int GetMaxTextLength(int byteCount) => 2 * byteCount;

    public override int GetMaxByteCount(int textLength) => textLength;

    public override string Encode(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new(2 * bytes.Length);

        foreach (byte value in bytes)
        {
            text.Append(s_runes[value].ToString());
        }

        return text.ToString();
    }

    public override bool TryDecode(ReadOnlySpan<char> text, Span<byte> destination, out int written, out MultiformatError error)
    {
        int limit = Math.Min(destination.Length, MaxByteCount);
        written = 0;

        for (int position = 0; position < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text[position..], out Rune rune, out int length) != System.Buffers.OperationStatus.Done
                || !s_bytes.TryGetValue(rune, out byte value))
            {
                return Fail(position, BadCharacter, out written, out error);
            }

            if (written == limit)
            {
                return Fail(0, TooManyBytes, out written, out error);
            }

            destination[written++] = value;
            position += length;
        }

        error = default;
        return true;
    }
}
