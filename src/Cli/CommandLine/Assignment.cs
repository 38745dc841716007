using System.Globalization;
using System.Reflection;
using CommandLine;

namespace OnnxTimm.Cli.CommandLine;

/// <summary>
/// Sets the flags of a verb from plain words, each flag known and each value readable, as nearly every command has
/// them. Help, mistakes and unusual forms are CommandLineParser's, whose first use takes as long as a short command.
/// </summary>
static class Assignment
{
    /// <summary>Sets what the words say, just as the parser would.</summary>
    /// <param name="verb">Has its own defaults; changed only when all can be set.</param>
    /// <param name="words">Whole names of flags, each once, with their values behind them.</param>
    /// <returns>False where the parser must judge.</returns>
    public static bool TrySet(object verb, string[] words)
    {
        var places = verb.GetType().GetProperties()
            .Select(property => new Place(property, property.GetCustomAttribute<BaseAttribute>()!))
            .Where(place => place.Attribute is not null)
            .OrderBy(place => (place.Attribute as ValueAttribute)?.Index).ToArray();
        if (!TryGroup(places, words))
            return false;
        foreach (var place in places)
            if (!place.TryRead())
                return false;
        foreach (var place in places)
            if (place.Value is { } value)
                place.Property.SetValue(verb, value);
        return true;
    }

    /// <summary>Gives each place its words; false where some belong to none.</summary>
    static bool TryGroup(Place[] places, string[] words)
    {
        for (var i = 0; i < words.Length;)
        {
            var isFlag = words[i].StartsWith('-');
            var place = Array.Find(places, p => isFlag ? p.IsNamed(words[i]) : p.TakesWord);
            if (place is null || isFlag && place.Words is not null)
                return false;
            var first = isFlag ? i + 1 : i;
            var most = place.IsList ? int.MaxValue : place.IsSwitch ? 0 : 1;
            string[] taken = [.. words.Skip(first).TakeWhile(word => !word.StartsWith('-')).Take(most)];
            place.Words = taken;
            i = first + taken.Length;
        }
        return true;
    }

    /// <summary>A property that words set, with its words and what they mean.</summary>
    sealed class Place(PropertyInfo property, BaseAttribute attribute)
    {
        readonly Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;

        public PropertyInfo Property => property;

        public BaseAttribute Attribute => attribute;

        /// <summary>The words behind its flag, or its words; null where it has none.</summary>
        public string[]? Words { get; set; }

        /// <summary>What it is set to: a list without words to an empty one. Null leaves the verb's own.</summary>
        public object? Value { get; private set; }

        public bool IsSwitch => property.PropertyType == typeof(bool);

        public bool IsList => type.IsGenericType;

        /// <summary>Whether it stands by itself and has no words yet.</summary>
        public bool TakesWord => attribute is ValueAttribute && Words is null;

        public bool IsNamed(string flag) => attribute is OptionAttribute option
            && (flag == $"--{option.LongName}" || option.ShortName.Length > 0 && flag == $"-{option.ShortName}");

        /// <summary>From its words to its value; false where the words are none for it.</summary>
        public bool TryRead()
        {
            Value = Words is null ? attribute.Default ?? (IsList ? List([]) : null)
                : IsSwitch ? true
                : attribute.Min >= 0 || attribute.Max >= 0 || Words.Length == 0 || Words.Contains("") ? null
                : IsList ? List(Words)
                : Scalar(type, Words[0]);
            return Words is null ? !attribute.Required : Value is not null;
        }

        Array? List(string[] words)
        {
            var item = type.GenericTypeArguments[0];
            var list = Array.CreateInstance(item, words.Length);
            for (var i = 0; i < words.Length; i++)
                if (Scalar(item, words[i]) is { } value)
                    list.SetValue(value, i);
                else
                    return null;
            return list;
        }

        static object? Scalar(Type type, string word) =>
            type == typeof(string) ? word
            : type == typeof(int) && int.TryParse(word, CultureInfo.InvariantCulture, out var number) ? number
            : type == typeof(ulong) && ulong.TryParse(word, CultureInfo.InvariantCulture, out var large) ? large
            : type == typeof(double) && double.TryParse(word, CultureInfo.InvariantCulture, out var real) ? real
            : null;
    }
}
