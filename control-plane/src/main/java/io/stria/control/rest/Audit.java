package io.stria.control.rest;

import io.stria.runtime.Clock;
import io.stria.runtime.LogLimiter;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The log of who asked for which change, and what came of it: a line each, also for those that are
 * refused before anything is decided, so many of these a minute. What is asked for stands in it as
 * it was decided, which holds no secret. {@link #watch} belongs to the event loop.
 */
final class Audit {
    /** Below what a node logs from INFO on; libraries only warn. */
    static final String LOGGER = "io.stria.audit";

    private static final System.Logger LOG = System.getLogger(LOGGER);
    private static final Set<HttpMethod> READING =
            Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);
    private static final String LOGGED = "stria.audit.logged";
    private static final String PROBLEM = "stria.audit.problem";

    /** Names and reasons are the sender's words: none of them may begin a line. */
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

    private static final int CHARS_MAX = 4096;

    /** Anybody may ask for what is refused, as often and at such length as they like. */
    static final int UNDECIDED_PER_MINUTE = 30;

    private static final int UNDECIDED_CHARS_MAX = 200;

    private final LogLimiter undecided;

    Audit(Clock clock) {
        undecided = new LogLimiter(LOG, clock, UNDECIDED_PER_MINUTE);
    }

    /** Before all handlers of requests: logs, at its end, one that nothing was decided for. */
    void watch(RoutingContext context) {
        undecided.tell();
        if (!READING.contains(context.request().method())) {
            // Over HTTP/2 the end of an answered request may look like that of its connection.
            context.addEndHandler(ignored -> {
                if (context.get(LOGGED) == null) {
                    asked(context); // not twice
                    String path = shortened(context.request().path());
                    String answer = context.response().ended() ? answer(context) : "not answered";
                    undecided.log(
                            Level.INFO,
                            "a change was asked for and not decided",
                            line(context, path, answer));
                }
            });
        }
        context.next();
    }

    /** A problem is the answer. */
    static void answered(RoutingContext context, Problem problem) {
        context.put(PROBLEM, problem);
    }

    /** What was asked for goes to who decides, who is logged with {@link #outcome}. */
    static void asked(RoutingContext context) {
        context.put(LOGGED, true);
    }

    static void outcome(RoutingContext context, Object what, String outcome) {
        LOG.log(Level.INFO, () -> line(context, context.request().path(), what + ": " + outcome));
    }

    private static String answer(RoutingContext context) {
        Problem problem = context.get(PROBLEM);
        return problem == null
                ? "nothing to change, " + context.response().getStatusCode()
                : "refused, %d %s: %s"
                        .formatted(problem.status(), problem.title(), shortened(problem.detail()));
    }

    private static String line(RoutingContext context, String path, String said) {
        return clean(
                "%s %s from %s: %s"
                        .formatted(
                                context.request().method(),
                                path,
                                context.request().remoteAddress(),
                                said));
    }

    private static String clean(String line) {
        return printable(line, CHARS_MAX);
    }

    /** Somebody else's words, which begin no line of a log. */
    static String printable(String words, int charsMax) {
        return cut(UNPRINTABLE.matcher(words).replaceAll("?"), charsMax);
    }

    private static String shortened(String words) {
        return cut(words, UNDECIDED_CHARS_MAX);
    }

    private static String cut(String text, int charsMax) {
        return text.length() <= charsMax ? text : text.substring(0, charsMax) + "...";
    }
}
