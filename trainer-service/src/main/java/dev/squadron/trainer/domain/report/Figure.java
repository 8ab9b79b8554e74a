package dev.squadron.trainer.domain.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers as people read them: four significant digits, or all before the point. */
final class Figure {
    private static final MathContext DIGITS = new MathContext(4);
    private static final double SMALL = 1e-3;
    private static final double WHOLE = 1e3;
    private static final double LARGE = 1e7;

    private Figure() {}

    /** Returns a number as text; one that is not finite is a dash. */
    static String of(Number number) {
        if (!(number instanceof Double || number instanceof Float)) {
            return number.toString();
        }
        double value = number.doubleValue();
        if (!Double.isFinite(value)) {
            return "–";
        }
        double size = Math.abs(value);
        if (size != 0 && (size < SMALL || size >= LARGE)) {
            return String.format(Locale.ROOT, "%.3e", value)
                    .replaceFirst("\\.?0*e", "e")
                    .replaceFirst("e([+-])0?", "e$1")
                    .replace("e+", "e");
        }
        if (size >= WHOLE) {
            return String.format(Locale.ROOT, "%.0f", value);
        }
        return BigDecimal.valueOf(value).round(DIGITS).stripTrailingZeros().toPlainString();
    }
}
