package dev.squadron.trainer.domain.report;

import dev.squadron.trainer.domain.report.Chart.Scale;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;

/**
 * Values and their places on a line.
 *
 * @param low the value at {@code from}
 * @param high the value at {@code to}, above {@code low}
 * @param from a place in the picture
 * @param to another
 * @param ticks round values between the ends
 */
record Axis(Scale scale, double low, double high, double from, double to, List<Double> ticks) {
    private static final int TICKS = 5;
    private static final double FEW_POWERS = 1e3;

    /** Returns an axis on which {@code least} to {@code largest} find room, with ticks at its ends where it is linear. */
    static Axis of(Scale scale, double least, double largest, double from, double to) {
        return scale == Scale.LOG ? log(least, largest, from, to) : linear(least, largest, from, to);
    }

    /** Returns the place of a value. */
    double at(double value) {
        double share = scale == Scale.LOG ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
        return from + share * (to - from);
    }

    private static Axis linear(double least, double largest, double from, double to) {
        double room = least == largest ? Math.max(1e-9, Math.abs(least) * 0.5) : 0;
        double step = step(largest - least + 2 * room);
        long first = (long) Math.floor((least - room) / step + 1e-9);
        long last = (long) Math.ceil((largest + room) / step - 1e-9);
        List<Double> ticks =
                LongStream.rangeClosed(first, last).mapToObj(i -> i * step).toList();
        return new Axis(Scale.LINEAR, first * step, last * step, from, to, ticks);
    }

    private static Axis log(double least, double largest, double from, double to) {
        double room = least == largest ? 2 : Math.pow(largest / least, 0.04);
        double low = least / room;
        double high = largest * room;
        double[] factors = high / low < FEW_POWERS ? new double[] {1, 2, 5} : new double[] {1};
        List<Double> ticks = new ArrayList<>();
        for (int power = (int) Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
            for (double factor : factors) {
                double tick = factor * Math.pow(10, power);
                if (tick >= low && tick <= high) {
                    ticks.add(tick);
                }
            }
        }
        return new Axis(Scale.LOG, low, high, from, to, ticks);
    }

    /** Returns 1, 2 or 5 times a power of ten, of which some five fit into {@code range}. */
    private static double step(double range) {
        double power = Math.pow(10, Math.floor(Math.log10(range / TICKS)));
        return DoubleStream.of(power, 2 * power, 5 * power)
                .filter(step -> range / step <= TICKS + 1)
                .findFirst()
                .orElse(10 * power);
    }
}
