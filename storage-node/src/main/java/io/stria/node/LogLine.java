package io.stria.node;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/** {@code 2026-01-31T12:00:00.123Z INFO DataNode: node 1 serves demo at epoch 3}. */
final class LogLine extends Formatter {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    @Override
    public String format(LogRecord entry) {
        StringBuilder line = new StringBuilder();
        TIME.formatTo(entry.getInstant(), line);
        line.append(' ').append(entry.getLevel().getName());
        line.append(' ').append(shortName(entry.getLoggerName()));
        line.append(": ").append(formatMessage(plainNumbers(entry))).append('\n');
        Throwable thrown = entry.getThrown();
        if (thrown != null) {
            StringWriter trace = new StringWriter();
            thrown.printStackTrace(new PrintWriter(trace, true));
            line.append(trace);
        }
        return line.toString();
    }

    /** Numbers name things here, such as ports: no thousands separators. */
    private static LogRecord plainNumbers(LogRecord entry) {
        Object[] parameters = entry.getParameters();
        if (parameters == null) {
            return entry;
        }
        LogRecord plain = new LogRecord(entry.getLevel(), entry.getMessage());
        Object[] texts = new Object[parameters.length];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = String.valueOf(parameters[i]);
        }
        plain.setParameters(texts);
        plain.setResourceBundle(entry.getResourceBundle());
        return plain;
    }

    private static String shortName(String logger) {
        return logger == null ? "" : logger.substring(logger.lastIndexOf('.') + 1);
    }
}
