package io.stria.control.rest;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import java.util.logging.Logger;
import java.util.regex.Pattern;

/**
 * The log of who asked for which change, and what came of it: a line each, also for those that are
 * refused before anything is decided. What is asked for stands in it as it was decided, which holds
 * no secret.
 */
final class Audit {
    /** Below what a node logs from INFO on; libraries only warn. */
    static final String LOGGER = "io.stria.audit";

    private static final Logger LOG = Logger.getLogger(LOGGER);
    private static final Set<HttpMethod> READING =
            Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);
    private static final String LOGGED = "stria.audit.logged";
    private static final String PROBLEM = "stria.audit.problem";

    /** Names and reasons are the sender's words: none of them may begin a line. */
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

    private static final int CHARS_MAX = 4096;

    private Audit() {}

    /** Before all handlers of requests: logs, at its end, one that nothing was decided for. */
    static void watch(RoutingContext context) {
        if (!READING.contains(context.request().method())) {
            // Over HTTP/2 the end of an answered request may look like that of its connection.
            context.addEndHandler(ignored -> {
                if (context.get(LOGGED) == null) {
                    asked(context); // not twice
                    log(context, context.response().ended() ? answer(context) : "not answered");
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
        log(context, what + ": " + outcome);
    }

    private static String answer(RoutingContext context) {
        Problem problem = context.get(PROBLEM);
        return problem == null
                ? "nothing to change, " + context.response().getStatusCode()
                : "refused, %d %s: %s"
                        .formatted(problem.status(), problem.title(), problem.detail());
    }

    private static void log(RoutingContext context, String line) {
        LOG.info(() ->
                clean(
                        "%s %s from %s: %s"
                                .formatted(
                                        context.request().method(),
                                        context.request().path(),
                                        context.request().remoteAddress(),
                                        line)));
    }

    private static String clean(String line) {
        String shown = UNPRINTABLE.matcher(line).replaceAll("?");
        return shown.length() <= CHARS_MAX ? shown : shown.substring(0, CHARS_MAX) + "...";
    }
}
