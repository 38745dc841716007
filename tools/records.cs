// Writes models/weights/MODULE.json, timm's pretrained records of one module, in the form that the zoo reads:
//
//     dotnet run tools/records.cs -- MODULE RECORDS.json [MORE.json ...]
//
// Each JSON file is {"resnet.py": {"resnet18.a1_in1k": {"input_size": [3, 224, 224], ...}, ...}, ...}: timm's
// default_cfgs of each module as a dictionary of fields, with the same names as in timm's pretrained_cfg. What most
// records of the module say becomes its defaults, and a record holds only what it says otherwise. Records of networks
// that timm cannot build, having no entry point for them, are left out.
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

if (args.Length < 2)
{
    Console.Error.WriteLine("usage: dotnet run tools/records.cs -- MODULE RECORDS.json [MORE.json ...]");
    return 1;
}
var module = args[0];
var names = File.ReadLines(Path.Combine("models", "weights", "names.txt")).Select(line => line.Split(' '))
    .Where(words => words[0] == module).SelectMany(words => words).ToHashSet();
var records = args[1..]
    .Select(file => JsonNode.Parse(File.ReadAllText(file))![$"{module}.py"])
    .OfType<JsonObject>()
    .SelectMany(part => part)
    .Where(record => names.Contains(record.Key.Split('.')[0]))
    .GroupBy(record => record.Key)
    .ToDictionary(group => group.Key, group => (JsonObject)group.Last().Value!);
if (records.Count == 0)
{
    Console.Error.WriteLine($"There are no records of \"{module}\" in {string.Join(", ", args[1..])}.");
    return 1;
}

// A record that lacks what most have says null, which every reader takes as absent.
var defaults = records.Values.SelectMany(record => record).GroupBy(field => field.Key)
    .Where(field => field.Count() > records.Count / 2)
    .ToDictionary(field => field.Key,
        field => field.GroupBy(f => Text(f.Value)).MaxBy(same => same.Count())!.Key);
var lines = records.Select(record =>
    $"    {Text(record.Key)}: {Braced(record.Value.Select(f => (f.Key, Text(f.Value)))
        .Where(f => defaults.GetValueOrDefault(f.Key) != f.Item2)
        .Concat(defaults.Keys.Where(name => !record.Value.ContainsKey(name)).Select(name => (name, "null"))))}");
var path = Path.Combine("models", "weights", $"{module}.json");
File.WriteAllText(path, $$"""
    {
      "defaults": {{Braced(defaults.Select(f => (f.Key, f.Value)))}},
      "records": {
    {{string.Join(",\n", lines)}}
      }
    }

    """);
Console.WriteLine($"{path}: {records.Count} records");
return 0;

static string Braced(IEnumerable<(string Name, string Text)> fields) =>
    $"{{{string.Join(", ", fields.Select(f => $"{Text(f.Name)}: {f.Text}"))}}}";

static string Text(JsonNode? value) => value is JsonArray list
    ? $"[{string.Join(", ", list.Select(Text))}]"
    : value?.ToJsonString(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })
        ?? "null";
