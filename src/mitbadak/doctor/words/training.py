"""The English words for findings in a training; a code with a kind has words for each kind."""

from __future__ import annotations

from mitbadak.doctor.words.words import Words

ENGLISH = {
    "integer-parameters": Words(
        "{names} hold whole numbers.",
        "An update of 0.01 is cut off to 0 when it is stored in an array of integers, and so "
        "is a step of 1e-4 for a numerical gradient.",
        "Make them floats: np.array([3.0, 4.0]), or x.astype(float).",
        "The parameters are meant to be whole numbers.",
    ),
    "non-finite-data": Words(
        "{names} hold NaN or infinity at step {step}.",
        "The number that is not finite is in the examples, before the net has computed anything.",
        "Remove or fill in such values before training: np.isfinite(x).all(axis=1) finds the rows.",
        "The arrays were finite when they were handed to the net.",
    ),
    "non-finite-data:start": Words(
        "{names} and the loss are NaN or infinite at the first step already.",
        "Either the initial values were, or the very first loss was, and its gradient made them "
        "so.",
        "Look at np.isfinite(params[key]).all() before training; if they are finite, look for "
        "log(0), a division by 0 or exp of a large number in the loss.",
        "Training began before the doctor was asked to look.",
    ),
    "non-finite-data:loss": Words(
        "no loss was finite, from the first step on, although the examples are.",
        "Something between the parameters and the loss yields NaN or infinity: log(0), a division "
        "by 0, or exp of a large number.",
        "Print the answers to one batch and each part of its loss; subtract the largest score "
        "before exp, and use log(y + 1e-7).",
        "Another number than the loss was handed over.",
    ),
    "wrong-update-rule:plus": Words(
        "the learning rate is added to the gradient: each entry changes by -({constant:.3g} + "
        "gradient).",
        "That explains every entry of the change up to rounding; all weights drift the same "
        "way, whatever the gradient says.",
        "Write * for +: params[key] -= lr * grads[key].",
        "The loop uses a rule of its own on purpose.",
    ),
    "wrong-update-rule:sign": Words(
        "the updates go uphill: along the gradient instead of against it.",
        "The gradient points to where the loss grows; steps along it make it larger.",
        "Write -= for +=: params[key] -= lr * grads[key].",
        "The loss is meant to be maximized.",
    ),
    "wrong-update-rule:stale": Words(
        "each update uses the gradient of the step before, times {factor:.3g}.",
        "The gradient of this step does not explain the change, that of the step before does "
        "in every entry.",
        "Compute the gradient after the batch is drawn and before the update.",
        "The loop uses a rule of its own on purpose.",
    ),
    "wrong-update-rule:twice": Words(
        "each update is applied twice: {factor:.3g} times the gradient, and lr is {lr:.3g}.",
        "That explains every entry of the change up to rounding.",
        "Look for a second update in the loop, or a loop over names that meets each one twice.",
        "lr was handed to the doctor with half its value.",
    ),
    "wrong-update-rule:rate": Words(
        "the updates are {factor:.3g} times the gradient, and lr is {lr:.3g}.",
        "That explains every entry of the change up to rounding.",
        "Look where the rate is changed on the way: a division by the batch size, or a schedule.",
        "Another lr was handed to the doctor than the loop uses.",
    ),
    "update-of-a-copy": Words(
        "no parameter changed in {steps} steps, although the gradient is not zero.",
        "The update reached other arrays than those of the net: a copy, or a name that was "
        "bound anew, as in W = W - lr * g.",
        "Update in place: params[key] -= lr * grads[key], on the net's own arrays.",
        "Updates were switched off on purpose.",
    ),
    "parameter-never-updated": Words(
        "{names} never changed in {steps} steps, although the gradient is not zero.",
        "All other parameters did change, so the loop over the names leaves these out.",
        "Update every name in params, for instance by: for key in params.",
        "These parameters are frozen on purpose.",
    ),
    "gradient-wrong": Words(
        "{share:.0%} of the partial derivatives that were tried differ from the loss itself, "
        "for instance {claimed:.4g} where the loss says {measured:.4g}.",
        "The loss was measured a little to both sides of the parameters; no step is so small "
        "or so large that rounding or curvature would explain the difference.",
        "Check the backward pass: mitbadak.check_gradients names the layer that is wrong.",
        "The loss uses other random numbers each time, as with Dropout.",
    ),
    "missing-batch-mean": Words(
        "the gradient is {ratio:.4g} times that of the loss, and the batch has {n} examples.",
        "The loss is a mean over the batch, and the gradient a sum.",
        "Divide the gradient by the batch size: dx = (y - t) / batch_size.",
        "The loss is meant to be a sum.",
    ),
    "lost-to-rounding": Words(
        "the steps are lost to rounding: at numbers as large as {size:.3g}, {share:.0%} of "
        "the entries cannot change by so little.",
        "A float64 has 16 digits; a change, or a difference of the loss, that is smaller than "
        "its last digit is rounded to nothing.",
        "Start again with a smaller lr, so that the numbers do not grow; or bring inputs and "
        "targets to a size around 1.",
        "The parameters do change.",
    ),
    "softmax-on-one-unit": Words(
        "the net has a single output, and it is 1 for every example.",
        "A softmax over one number is always 1, and its gradient is exactly 0.",
        "Use a sigmoid on one unit, or softmax on two; for real targets neither.",
        "The output differs between examples.",
    ),
    "symmetric-weights": Words(
        "all {units} units of {name} have the same weights.",
        "Units that start alike get the same gradient, and stay alike for ever: the layer is "
        "worth one unit.",
        "Start from random weights: rng.normal(size=(n_in, n_out)) / np.sqrt(n_in).",
        "The weights differ.",
    ),
    "label-out-of-range": Words(
        "labels go up to {highest}, and the net has {outputs} outputs, for 0 to {outputs} - 1.",
        "Some label has no output that stands for it.",
        "Count labels from 0, or give the net more outputs.",
        "The labels are not class indices.",
    ),
    "silent-broadcast": Words(
        "class indices may be multiplied with {classes} scores as they are: the loss "
        "{loss:.3g} is far above log({classes}).",
        "The batch has as many examples as there are classes, {n}, so arrays of shape ({n},) "
        "and ({n}, {classes}) broadcast without an error, and every label meets the wrong "
        "scores.",
        "Make the labels one-hot, np.eye({classes})[t], or use a loss that takes indices.",
        "A batch of another size gives no error.",
    ),
    "inputs-constant": Words(
        "every input is the same in all examples.",
        "Nothing in x tells one example from another.",
        "Look at how x is made: an index in the wrong place, or an array that was never filled.",
        "Other batches differ.",
    ),
    "inputs-not-normalised": Words(
        "the inputs are not normalised: they reach {largest:.4g}, with mean {mean:.4g} and "
        "spread {std:.4g}.",
        "Large inputs make the sums in the first layer large: units saturate or die, exp "
        "overflows, and one lr does not suit all weights.",
        "Divide pixels by 255; otherwise subtract each column's mean and divide by its spread.",
        "The net learns as well with inputs around 1.",
    ),
    "targets-not-normalised": Words(
        "the targets are not normalised: mean {mean:.4g}, spread {std:.4g}.",
        "The first losses and gradients are as large as the squares of the targets.",
        "Subtract their mean, divide by their spread, and undo both in the answers.",
        "A much smaller lr learns as well.",
    ),
    "init-too-large": Words(
        "the initial weights of {name} are {times:.3g} times as large as 1 / sqrt(n_in).",
        "Sums of so many large terms saturate sigmoid and tanh, and let ReLU nets overflow.",
        "Draw them with the spread 1 / sqrt(n_in), or sqrt(2 / n_in) for ReLU.",
        "A start from smaller weights does no better.",
    ),
    "init-too-small": Words(
        "the initial weights of {name} are only {times:.3g} times 1 / sqrt(n_in).",
        "Signals fade from layer to layer, forward and backward, so that nothing is learned "
        "at first.",
        "Draw them with the spread 1 / sqrt(n_in), or sqrt(2 / n_in) for ReLU.",
        "A start from larger weights does no better.",
    ),
    "lr-too-large": Words(
        "the loss went from {first:.4g} to {last:.4g}; its highest was {highest:.4g}, at step "
        "{step}.",
        "The updates leap over the valley: a matrix changed by up to {leap:.2g} of its size "
        "in one step.",
        "Divide lr by 10, and again if that is not enough.",
        "A smaller lr fails in the same way.",
    ),
    "lr-too-small": Words(
        "the loss went from {first:.4g} to {last:.4g} in {steps} steps.",
        "By the gradient, steps as short as these cannot lower it further in that time; a "
        "step {longer:g} times as long still goes downhill.",
        "Multiply lr by {longer:g}.",
        "A larger lr makes the loss rise.",
    ),
    "saturated": Words(
        "{share:.0%} of the answers of {layer} are at a limit of their range.",
        "There the slope is nearly 0, and no gradient passes.",
        "Use smaller initial weights, inputs around 1, or a smaller lr.",
        "The loss falls.",
    ),
    "dead-relu": Words(
        "{share:.0%} of the units of {layer} do not take part: no example reaches their weights.",
        "A ReLU that answers 0 to every example passes no gradient, and cannot come back.",
        "Use a smaller lr, He's initial weights, or a leaky ReLU.",
        "The units answer in other batches.",
    ),
    "vanishing-gradient": Words(
        "the gradient of {first} is only {ratio:.1e} times that of {last}, per entry.",
        "It fades in each of {layers} layers, so the first ones hardly learn.",
        "Use ReLU with He's initial weights, or batch norm, or fewer layers.",
        "The first layers change as much as the last.",
    ),
    "class-missing": Words(
        "among {examples} examples there is none of class {classes}.",
        "The net cannot learn what it never sees; a set that is sorted and cut looks like this.",
        "Shuffle before splitting, and look at the counts of each class.",
        "Later batches have these classes.",
    ),
    "class-imbalance": Words(
        "class {most} has {ratio:.3g} times as many examples as class {least}.",
        "A net can be right often without ever answering the rare classes.",
        "Look at precision and recall of each class, not at the accuracy alone.",
        "The classes are meant to be so rare.",
    ),
    "one-class-answered": Words(
        "every answer is class {answer}, which is right for {share:.2%} of the examples.",
        "The net has become a constant: its accuracy is the share of that class, whatever it "
        "is shown.",
        "Look at the finding that explains why: the update rule, the learning rate, or dead units.",
        "Other answers appear in the next epochs.",
    ),
    "overfitting": Words(
        "the {set} loss was best in epoch {epoch}, {best:.4g}, and is {now:.4g} now, while "
        "the training loss still falls.",
        "From there on the net learned the training examples by heart.",
        "Stop there (early stopping), use more examples, or a penalty such as weight decay.",
        "The rise is noise and goes back.",
    ),
}
