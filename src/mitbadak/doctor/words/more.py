"""The English words for findings on labels, heads, amounts, and test sets."""

from __future__ import annotations

from mitbadak.doctor.words.words import Words

ENGLISH = {
    "labels-shuffled": Words(
        "the labels have nothing to do with the inputs: among {n} examples, neighbors agree no "
        "more than strangers do.",
        "Where inputs tell anything of the labels, similar examples have similar ones. After x or "
        "t was shuffled, sorted or cut without the other, they do not.",
        "Use one permutation for both, x[order] and t[order], and look at a few pairs.",
        "The inputs really tell nothing, or only a rule that no neighbor follows.",
    ),
    "labels-shuffled:apart": Words(
        "the same examples come with other labels each time: {share:.0%} of those that came again.",
        "The rows of x and t are drawn separately, so every label belongs to another example.",
        "Draw the rows once for both: rows = rng.choice(n, size), then x[rows] and t[rows].",
        "The labels are drawn at random on purpose.",
    ),
    "label-noise": Words(
        "{share:.0%} of the labels differ from those of nearly all their neighbors.",
        "They do so everywhere, not only where classes meet, so about that share of the labels may "
        "be wrong.",
        "Look at such examples and correct them; stop early, so that the net does not learn them "
        "by heart.",
        "The inputs cannot tell the classes apart any better.",
    ),
    "label-form:fractions": Words(
        "the labels are fractions up to {high:.4g}, and the net has {outputs} outputs, for whole "
        "numbers from 0 to {outputs} - 1.",
        "Labels were scaled like inputs; as indices they are all cut off to the same class.",
        "Scale x only, and keep the labels as they are.",
        "They are meant as numbers, and the net should have a single output.",
    ),
    "label-form:rows": Words(
        "the rows of the labels do not sum to 1, although the answers do.",
        "A cross entropy compares two distributions; other rows weigh examples at random.",
        "Use class indices, one-hot rows, or rows that sum to 1.",
        "The rows are weighted on purpose.",
    ),
    "head-does-not-fit:range": Words(
        "the targets go from {low:.3g} to {high:.3g}, and a {head} at the end cannot follow them.",
        "Whatever the net learns, its answers stay within the range of that function.",
        "For numbers leave the last layer without an activation.",
        "The targets can be scaled into its range.",
    ),
    "head-does-not-fit:relu": Words(
        "a {head} stands between the last layer and the loss.",
        "Scores below 0 are cut off and get no gradient, so whole classes can fall silent.",
        "Hand the sums of the last layer to softmax as they are.",
        "All scores are above 0.",
    ),
    "head-does-not-fit:several": Words(
        "the labels are not mutually exclusive, but the answers are: they sum to 1.",
        "Softmax shares one whole among the classes, so two of them can never both be certain.",
        "Use a sigmoid on each output, with its cross entropy.",
        "Each example has one class only.",
    ),
    "loss-does-not-fit:entropy": Words(
        "the loss is a cross entropy, and the targets go from {low:.3g} to {high:.3g}.",
        "It compares probabilities; with targets outside 0 to 1 it has no least value, and drives "
        "the answers to their limits.",
        "Use the squared error for numbers.",
        "The targets are meant to be scaled to 0 to 1.",
    ),
    "loss-does-not-fit:squared": Words(
        "the loss of classes is a squared error.",
        "Behind softmax or sigmoid its gradient fades where answers are surely wrong.",
        "Use the cross entropy.",
        "It learns as well.",
    ),
    "loss-does-not-fit:negative": Words(
        "the loss is negative, {loss:.3g} at the least.",
        "None of the usual losses falls below 0; a sign is wrong, or the targets do not fit it.",
        "Look at the sign, and at the range of the targets.",
        "It is meant to be a log likelihood, or another loss that may be negative.",
    ),
    "silent-broadcast:targets": Words(
        "the loss compares every answer with every target: {n} times {n} errors instead of {n}.",
        "Answers of shape ({n}, 1) minus targets of shape ({n},) give a square without an error, "
        "and the best answer to it is the mean for all.",
        "Give both one shape: t.reshape(-1, 1), or y[:, 0].",
        "All pairs are meant to be compared.",
    ),
    "softmax-twice": Words(
        "softmax is applied twice: the answers are probabilities, and the loss takes them for "
        "scores.",
        "Probabilities differ by 1 at most, so the loss of {classes} classes never falls below "
        "{least:.3g}.",
        "Hand the sums of the last layer to the loss, or use a loss of probabilities.",
        "The loss that is reported takes probabilities.",
    ),
    "no-nonlinearity": Words(
        "{layers} layers follow one another without an activation in between.",
        "The answers are exactly what one layer with the product of all weights would give.",
        "Put a ReLU, tanh or sigmoid after each hidden layer.",
        "A linear model is meant.",
    ),
    "too-little-capacity": Words(
        "the loss has come to rest at {skill:.0%} of the way to perfect answers, where nearest "
        "neighbors reach {reach:.0%}; the narrowest hidden layer has {width} units.",
        "The examples tell more than the net can express.",
        "Use more units or another hidden layer.",
        "A wider net comes no further.",
    ),
    "too-little-training": Words(
        "the loss was still falling after {steps} updates, with answers {skill:.0%} of the way "
        "to perfect ones.",
        "Training ended before it had come to rest.",
        "Train for more epochs, or with a larger lr.",
        "The loss stays where it is from here on.",
    ),
    "too-little-training:few": Words(
        "after {steps} updates the answers are {skill:.0%} of the way to perfect ones; the nearest "
        "neighbors tell more.",
        "The loss has fallen, and so few updates rarely are enough.",
        "Train for more epochs, or with a larger lr.",
        "The loss stays where it is from here on.",
    ),
    "too-little-data": Words(
        "there are only {n} different examples; {enough} or more would be expected.",
        "So few can be learned by heart, and tell little of unseen ones.",
        "Collect more, vary those there are, or use a smaller net with a penalty.",
        "Unseen examples are answered as well.",
    ),
    "overfitting:gap": Words(
        "of the way to perfect answers the net is at {train:.0%} on the training examples, and at "
        "{unseen:.0%} on unseen ones.",
        "It has learned the training examples by heart.",
        "Stop earlier, use more examples, or a penalty such as weight decay.",
        "The test set is of another kind.",
    ),
    "batch-too-small": Words(
        "batches of {n} make the loss leap by {noise:.0%} of its size.",
        "The gradient of so few examples points elsewhere at each step, and the steps are too "
        "long for that.",
        "Use batches of 20 to 100, or divide lr by 10.",
        "Larger batches do no better.",
    ),
    "too-much-regularisation": Words(
        "the weights shrink all over, to {left:.0%} of their first size or less, and the net "
        "learns little.",
        "A penalty on the weights pulls harder than the examples do.",
        "Divide the weight decay by 10 or more.",
        "There is no penalty, and the loss alone shrinks the weights.",
    ),
    "exploding-gradient": Words(
        "the very first gradient of {name} is {times:.3g} times as large as usual weights.",
        "It grows from layer to layer, through {layers} of them, before anything was learned.",
        "Draw weights with the spread sqrt(2 / n_in) for ReLU or 1 / sqrt(n_in) otherwise, or clip "
        "the gradient.",
        "The first gradients are small with another batch.",
    ),
    "train-test-overlap": Words(
        "{share:.0%} of {n} test examples were trained on.",
        "They are equal to training examples in every column.",
        "Split before anything is copied or drawn, and remove duplicates first.",
        "Equal rows are common in these data.",
    ),
    "train-test-differ:inputs": Words(
        "test inputs differ from those of the training: their mean by {shift:.2g} spreads, and "
        "their spread is {ratio:.3g} times as large.",
        "What the net learned holds for inputs of the other kind only.",
        "Prepare both in the same way, with the numbers of the training set.",
        "They are meant to differ.",
    ),
    "train-test-differ:labels": Words(
        "the classes of the test set are shared out otherwise: {moved:.0%} of the labels differ.",
        "A set that is sorted and cut, not drawn, looks like this.",
        "Shuffle before splitting, or split each class in the same proportion.",
        "They are meant to differ.",
    ),
    "dropout-in-evaluation": Words(
        "the loss of the same batch and parameters is another one each time it is asked for.",
        "Something still draws random numbers when the net is evaluated, as Dropout does in "
        "training mode.",
        "Evaluate without it: training=False, net.eval(), or no mask and no noise.",
        "loss_of is the loss in training mode on purpose.",
    ),
}
