using System.Globalization;

namespace OnnxTimm.Train;

/// <summary>The end of a training whose loss is no finite number: nothing that follows could be used.</summary>
static class Divergence
{
    /// <summary>Throws for a loss that is no finite number.</summary>
    /// <param name="what">Whose loss it is and when, such as "The loss in epoch 1, update 3".</param>
    /// <param name="loss">The loss.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="last">The last epoch that was stored; null for none.</param>
    /// <exception cref="UserException">It is none; the message says what is left of the training.</exception>
    public static void Check(string what, double loss, double lr, EpochResult? last)
    {
        if (double.IsFinite(loss))
            return;
        var left = last is null ? "No epoch ended before it, so there is no checkpoint."
            : string.Create(CultureInfo.InvariantCulture, $"The checkpoints of epoch {last.Epoch} are the last.");
        throw new UserException($"{what} is {PythonText.Repr(loss)}, at the learning rate {PythonText.Repr(lr)}: "
            + $"the training stops. {left} A smaller --lr or --clip-grad may help.");
    }
}
