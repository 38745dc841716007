using Library;
using OnnxTimm;

try
{
    if (args is ["write", var name, var weights, var output])
        Classify.Write(name, weights, output);
    else if (args is [var file, .. var photos] && photos.Length > 0)
        foreach (var photo in photos)
            foreach (var (label, probability) in Classify.Top5(file, photo))
                Console.WriteLine($"{photo}: {label} {probability:P1}");
    else
        Console.WriteLine("Say write MODEL WEIGHTS FILE.onnx, or FILE.onnx PHOTO...");
}
catch (UserException e)
{
    Console.Error.WriteLine(e.Message);
    Environment.ExitCode = 1;
}
