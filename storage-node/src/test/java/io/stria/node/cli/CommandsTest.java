package io.stria.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.stria.clustermap.Scheme;
import io.stria.control.json.Json;
import io.stria.node.Beside;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterFileLock;
import io.stria.node.cluster.ClusterMaker;
import io.stria.node.cluster.ClusterPlan;
import io.stria.node.cluster.Plans;
import io.stria.node.supervise.ProcessId;
import io.stria.node.supervise.SupervisorStub;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CommandsTest {
    private static final String CONNECT =
            """
            {"nqn":"nqn.2026-11.io.stria:c:demo","paths":[
             {"node":1,"traddr":"10.0.0.1","trsvcid":"4420","ana":"optimized"},
             {"node":2,"traddr":"10.0.0.2","trsvcid":"4430","ana":"inaccessible"}]}
            """;
    private static final String VOLUME =
            """
            {"name":"demo","sizeBytes":8589934592,"scheme":"2+2","tolerance":"node","state":"online",
             "owner":1,"paths":[1,2,3],"behind":[4],"survives":{"nodes":1,"devices":1}}
            """;

    private static final String SERVED = VOLUME.replace("\"owner\"", "\"serving\":true,\"owner\"");

    private RestStub rest;

    @BeforeEach
    void start() throws IOException {
        rest = new RestStub();
    }

    @AfterEach
    void stop() {
        rest.close();
    }

    private Run run(String... arguments) {
        return Run.of(
                Stream.concat(Stream.of(arguments), Stream.of("--api", rest.url()))
                        .toArray(String[]::new));
    }

    private static JsonNode json(String text) throws IOException {
        return Json.strict().readTree(text);
    }

    @Test
    void downWithoutAClusterHereStopsNone() {
        Run run = Run.of("down");
        assertEquals(1, run.code());
        assertTrue(run.err().contains("there is no cluster in ./.stria"), run.err());
    }

    @Test
    void whatUpPrintsAsTheRestAddressIsTaken() {
        rest.answers("GET /api/v1/volumes", 200, "[]");
        Run run = Run.of("volume", "list", "--api", rest.url() + "/api/v1/");
        assertEquals(0, run.code(), run.err());
    }

    @Test
    void statusIsGoodOnlyWhenHealthy() {
        String counts =
                "\"nodes\":{\"total\":5,\"online\":4},\"devices\":{\"total\":10,\"online\":8},"
                        + "\"volumes\":{\"total\":1,\"online\":1},"
                        + "\"voters\":{\"total\":5,\"online\":3}";
        rest.answers(
                "GET /api/v1/cluster",
                200,
                "{\"id\":\"c\",\"health\":\"degraded\",\"problems\":[\"node 4 is offline\"],"
                        + counts
                        + "}");
        Run degraded = run("status");
        assertEquals(1, degraded.code());
        assertTrue(degraded.out().contains("node 4 is offline"), degraded.out());
        assertTrue(degraded.out().contains("nodes 4 of 5 online"), degraded.out());
        assertTrue(degraded.out().contains(", voters 3 of 5 online\n"), degraded.out());

        rest.answers("GET /api/v1/cluster", 200, "{\"health\":\"healthy\",\"problems\":[]}");
        assertEquals(0, run("status").code());
    }

    @Test
    void statusSaysHowFullTheClusterIsAndWhatElseIsWorthKnowing() {
        rest.answers(
                "GET /api/v1/cluster",
                200,
                "{\"health\":\"healthy\",\"problems\":[],\"notes\":[\"a device waits\"],"
                        + "\"space\":{\"usedBytes\":1073741824,\"usableBytes\":8589934592,"
                        + "\"fullestPercent\":13.24}}");
        Run run = run("status");
        assertEquals(0, run.code());
        assertTrue(run.out().contains("\nnote: a device waits\n"), run.out());
        assertTrue(
                run.out()
                        .contains(
                                "\nspace 1 GiB of 8 GiB used (12.5 %), with parity; the fullest device 13.2 %\n"),
                run.out());
    }

    @Test
    void connectPrintsCommandsForAHostAndTheSameForPrograms() throws IOException {
        rest.answers("GET /api/v1/volumes/demo/connect", 200, CONNECT);

        Run people = run("volume", "connect", "demo");
        assertEquals(0, people.code());
        assertTrue(
                people.out()
                        .contains(
                                "nvme connect -t tcp -a 10.0.0.2 -s 4430 -n"
                                        + " nqn.2026-11.io.stria:c:demo --keep-alive-tmo=1"
                                        + " --reconnect-delay=1 --ctrl-loss-tmo=-1\n"),
                people.out());
        assertTrue(people.out().contains("nvme discover -t tcp -a 10.0.0.1 -s 4420\n"));

        Run programs = run("volume", "connect", "demo", "-o", "json");
        assertEquals(json(CONNECT), json(programs.out()));
    }

    @Test
    void aVolumeSaysWhatItSurvives() throws IOException {
        rest.answers("GET /api/v1/volumes/demo", 200, VOLUME);
        Run people = run("volume", "show", "demo");
        assertEquals(0, people.code(), people.err());
        assertTrue(people.out().matches("(?s).*\\nsurvives +any one node\\n"), people.out());
        assertTrue(people.out().contains("8 GiB"), people.out());
        Run programs = run("volume", "show", "demo", "-o", "json");
        assertEquals(1, json(programs.out()).at("/survives/nodes").intValue());
    }

    @Test
    void aScrubIsAskedForAndItsProgressShown() throws IOException {
        String taken =
                """
                {"volume":"demo","owner":3,"volumeEpoch":7,"note":"ask again"}
                """;
        rest.answers("POST /api/v1/volumes/demo/scrub", 503, "{\"detail\":\"not now\"}")
                .then("POST /api/v1/volumes/demo/scrub", taken);
        Run people = run("volume", "scrub", "demo");
        assertEquals(0, people.code(), people.err());
        assertEquals("the owner of volume demo, node 3, scrubs it; ask again\n", people.out());
        assertEquals("POST /api/v1/volumes/demo/scrub {}", rest.asked().getLast());
        assertEquals(json(taken), json(run("volume", "scrub", "demo", "-o", "json").out()));
        assertEquals(1, run("volume", "scrub", "other").code());

        scrubIs("true", "null", "42.1 %");
        scrubIs("true", "9", "42.1 %");
        scrubIs("false", "190", "3 min ago");
        scrubIs("false", "null", "none yet");
    }

    private void scrubIs(String underWay, String endedSecondsAgo, String shown) {
        String volume =
                """
                {"name":"demo","state":"online","scrub":{"underWay":%s,"pagesDone":4219,
                 "pages":10000,"passes":1,"endedSecondsAgo":%s,"blocks":900,"faults":2,
                 "repaired":1,"strays":0}}
                """
                        .formatted(underWay, endedSecondsAgo);
        rest.answers("GET /api/v1/volumes/demo", 200, volume);
        rest.answers("GET /api/v1/volumes", 200, "[" + volume + "]");
        String figures = ": 900 blocks compared, 2 fragments wrong, 1 repaired, 0 strays freed\n";
        String show = run("volume", "show", "demo").out();
        assertTrue(show.contains(shown + figures), show);
        String list = run("volume", "list").out();
        assertEquals(!shown.startsWith("none"), list.contains(shown), list);
    }

    @Test
    void aVolumeThatNobodyServesIsNotListedAsOnline() {
        rest.answers(
                "GET /api/v1/volumes",
                200,
                """
                [{"name":"a","state":"online","serving":true},
                 {"name":"b","state":"online","serving":false},
                 {"name":"c","state":"online","serving":null},
                 {"name":"d","state":"deleting","serving":false},
                 {"name":"e","state":"online","serving":true,"blocksMayWait":true},
                 {"name":"f","state":"online","serving":true,"blocksMayWait":false},
                 {"name":"g","state":"online","serving":false,"blocksMayWait":true}]
                """);

        List<String> lines = run("volume", "list").out().lines().toList();

        assertTrue(lines.get(1).startsWith("a       online  "), lines.get(1));
        assertTrue(lines.get(2).startsWith("b       not served  "), lines.get(2));
        assertTrue(lines.get(3).startsWith("c       unknown     "), lines.get(3));
        assertTrue(lines.get(4).startsWith("d       deleting  "), lines.get(4));
        assertTrue(lines.get(5).startsWith("e       blocks may wait  "), lines.get(5));
        assertTrue(lines.get(6).startsWith("f       online  "), lines.get(6));
        assertTrue(lines.get(7).startsWith("g       not served  "), lines.get(7));
    }

    @Test
    void aVolumeSaysThatItsBlocksMayWait() {
        for (boolean wait : new boolean[] {true, false}) {
            rest.answers(
                    "GET /api/v1/volumes/demo",
                    200,
                    "{\"name\":\"demo\",\"blocksMayWait\":%s}".formatted(wait));
            String shown = run("volume", "show", "demo").out();
            String words = wait ? "yes: too many chunks .*, and IO of such blocks waits" : "no";
            assertTrue(shown.matches("(?s).*\\nblocksMayWait +" + words + "\\n.*"), shown);
        }
    }

    /** Of an online node, too: that its voter takes part in nothing shows nowhere else. */
    @Test
    void nodesAreListedWithWhatTheirVotersDo() {
        rest.answers(
                "GET /api/v1/nodes",
                200,
                """
                [{"id":1,"voter":true,"voterState":"works"},
                 {"id":2,"voter":true,"voterState":"failed"},
                 {"id":3,"voter":true,"voterState":"unopened"},
                 {"id":4,"voter":true,"voterState":null},
                 {"id":5,"voter":false,"voterState":"none"}]
                """);

        List<String> words =
                run("node", "list")
                        .out()
                        .lines()
                        .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                        .toList();

        assertEquals(List.of("VOTER", "yes", "failed", "unopened", "unknown", "no"), words);
    }

    @Test
    void whatAVolumeSurvivesIsSaidInWords() throws IOException {
        assertEquals("any two nodes", survives(2, 2));
        assertEquals("any one node, or any two devices", survives(1, 2));
        assertEquals("any two devices", survives(0, 2));
        assertEquals("no further loss for certain", survives(0, 0));
    }

    private static String survives(int nodes, int devices) throws IOException {
        return Views.survives(
                json("{\"survives\":{\"nodes\":%d,\"devices\":%d}}".formatted(nodes, devices)));
    }

    @Test
    void createSendsWhatWasAskedFor() throws IOException {
        rest.answers("POST /api/v1/volumes", 201, "{\"epoch\":7,\"volume\":%s}".formatted(VOLUME));
        rest.answers("GET /api/v1/volumes/db", 200, SERVED);
        rest.answers(
                "GET /api/v1/devices",
                200,
                "[{\"state\":\"online\",\"sizeBytes\":3221225472},"
                        + "{\"state\":\"offline\",\"sizeBytes\":99999999999}]");

        Run run =
                run(
                        "volume",
                        "create",
                        "db",
                        "--size",
                        "2G",
                        "--scheme",
                        "1+2",
                        "--tolerate",
                        "device");

        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("any one node"), run.out());
        assertEquals(
                List.of(
                        "POST /api/v1/volumes {\"name\":\"db\",\"sizeBytes\":2147483648,"
                                + "\"scheme\":\"1+2\",\"tolerance\":\"device\"}",
                        "GET /api/v1/volumes/db",
                        "GET /api/v1/devices"),
                rest.asked());
        assertEquals(
                "stria: more than all devices can hold, which is 1 GiB with 1+2: writes fail when they"
                        + " are full\n",
                run.err());
    }

    /** It printed "serving -". */
    @Test
    void createWaitsUntilTheVolumeIsServed() throws IOException {
        String made = VOLUME.replace("\"owner\"", "\"serving\":null,\"owner\"");
        rest.answers("POST /api/v1/volumes", 201, "{\"epoch\":7,\"volume\":%s}".formatted(made));
        rest.answers("GET /api/v1/volumes/db", 404, "{\"detail\":\"there is no volume db\"}")
                .then("GET /api/v1/volumes/db", made)
                .then("GET /api/v1/volumes/db", SERVED);

        Run run = run("volume", "create", "db", "--size", "2G", "-o", "json");

        assertEquals(0, run.code(), run.err());
        assertEquals(7, json(run.out()).path("epoch").asInt());
        assertTrue(json(run.out()).at("/volume/serving").asBoolean(), run.out());
    }

    @Test
    void createSaysThatNobodyServesTheVolumeYet() {
        String made = VOLUME.replace("\"owner\"", "\"serving\":null,\"owner\"");
        rest.answers("POST /api/v1/volumes", 201, "{\"epoch\":7,\"volume\":%s}".formatted(made));
        rest.answers("GET /api/v1/volumes/db", 200, made);

        Run run = run("volume", "create", "db", "--size", "2G");

        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().matches("(?s).*\\nserving +unknown\\n.*"), run.out());
        assertTrue(run.err().contains("volume db is made, and not served yet"), run.err());
    }

    @Test
    void createSaysThatThereAlreadyWasSuchAVolume() throws IOException {
        rest.answers("POST /api/v1/volumes", 200, "{\"epoch\":7,\"volume\":%s}".formatted(VOLUME));
        rest.answers("GET /api/v1/volumes/db", 200, SERVED);
        rest.answers(
                "GET /api/v1/devices", 200, "[{\"state\":\"online\",\"sizeBytes\":99999999999}]");

        Run run = run("volume", "create", "db", "--size", "2G");

        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("any one node"), run.out());
        assertEquals("stria: there already was this volume: nothing is changed\n", run.err());
    }

    /** What answers there may be no cluster at all. */
    @Test
    void anAnswerThatSaysNothingIsToldWithItsAddress() {
        rest.answers("GET /api/v1/nodes", 404, "<html>nothing here</html>");

        Run run = run("node", "list");

        assertEquals(1, run.code());
        assertEquals(
                "stria: " + rest.url() + "/api/v1/nodes answered with HTTP status 404\n",
                run.err());
    }

    @Test
    void aRefusalIsOneSentence() {
        rest.answers(
                "POST /api/v1/volumes",
                422,
                "{\"title\":\"This cluster cannot hold it\",\"detail\":\"8+2 needs 10 nodes\"}");

        Run run = run("volume", "create", "db", "--size", "2G", "--scheme", "8+2");

        assertEquals(1, run.code());
        assertEquals("stria: 8+2 needs 10 nodes\n", run.err());
    }

    @Test
    void listsAreArraysForPrograms() throws IOException {
        rest.answers(
                "GET /api/v1/nodes",
                200,
                "[{\"id\":1,\"pid\":77,\"engine\":\"nio\",\"address\":\"10.0.0.1\",\"state\":\"online\"},"
                        + "{\"id\":2,\"pid\":null,\"address\":\"10.0.0.2\",\"state\":\"offline\"}]");

        JsonNode nodes = json(run("node", "list", "-o", "json").out());
        assertEquals(77, nodes.get(0).get("pid").asInt());
        assertEquals("offline", nodes.get(1).get("state").asText());

        List<String> lines = run("node", "list").out().lines().toList();
        assertEquals(3, lines.size());
        assertTrue(lines.get(1).contains("nio"), lines.get(1));
        assertTrue(lines.get(2).startsWith("2     offline  10.0.0.2"), lines.get(2));
    }

    @Test
    void aNameIsOneSegmentOfThePath() {
        run("volume", "show", "a/b c");

        assertEquals(List.of("GET /api/v1/volumes/a%2Fb%20c"), rest.asked());
    }

    @Test
    void nobodyAnsweringHasAStatusOfItsOwn() {
        Run run = Run.of("status", "--api", "http://127.0.0.1:" + Plans.freePorts(1));

        assertEquals(3, run.code());
        assertTrue(run.err().contains("does not answer"), run.err());
        assertEquals(1, run.err().lines().count());
    }

    private static ClusterDirectory made(Path parent) throws IOException {
        ClusterDirectory directory = new ClusterDirectory(parent.resolve("cluster"));
        new ClusterMaker(directory)
                .make(
                        new ClusterPlan(
                                4, 1, 1L << 28, "127.0.0.1", Plans.freePorts(4), new Scheme(2)));
        return directory;
    }

    @Test
    void whatIsAskedOfAClusterThatIsDownSaysHowToStartIt(@TempDir Path parent) throws IOException {
        String path = made(parent).path().toString();
        for (String[] command :
                List.of(
                        new String[] {"status", "--dir", path},
                        new String[] {"volume", "list", "--dir", path},
                        new String[] {"volume", "delete", "db", "--dir", path},
                        new String[] {"node", "start", "1", "--dir", path},
                        new String[] {"node", "stop", "1", "--dir", path},
                        new String[] {"node", "add", "--dir", path},
                        new String[] {"node", "rejoin", "1", "--dir", path})) {
            Run run = Run.of(command);
            assertEquals(3, run.code(), run.err());
            assertEquals(
                    "stria: nothing runs the cluster in %s: `stria up --dir %s` starts it%n"
                            .formatted(path, path),
                    run.err());
        }
    }

    @Test
    void aClusterThatIsThereAndDoesNotAnswerIsNotCalledDown(@TempDir Path parent)
            throws IOException {
        ClusterDirectory directory = made(parent);
        try (SupervisorStub supervisor = new SupervisorStub(directory)) {
            Run run = Run.of("status", "--dir", directory.path().toString());
            assertEquals(3, run.code());
            assertTrue(run.err().contains("does not answer"), run.err());
            assertEquals(List.of(), supervisor.asked());
        }
    }

    @Test
    void aNodeThatRunsIsNotStartedAndOneThatDoesNotIsNotStopped(@TempDir Path parent)
            throws IOException {
        ClusterDirectory directory = made(parent);
        String path = directory.path().toString();
        try (SupervisorStub supervisor = new SupervisorStub(directory)) {
            assertEquals(
                    "node 1 runs already (pid 4711)\n",
                    Run.of("node", "start", "1", "--dir", path).out());
            Run ended = Run.of("node", "start", "2", "--dir", path);
            assertEquals(1, ended.code());
            assertTrue(ended.err().contains("node 2 ended"), ended.err());
            Run stopped = Run.of("node", "stop", "2", "--dir", path);
            assertEquals("node 2 did not run\n", stopped.out());
            assertEquals(0, stopped.code());
            assertEquals("STOP 2", supervisor.asked().getLast());
        }
    }

    /** Two were stopped, and a volume waited. */
    @Test
    void aNodeIsStoppedOnlyWhereItMayBeUnlessThatIsAllowedFor(@TempDir Path parent)
            throws IOException {
        ClusterDirectory directory = made(parent);
        String path = directory.path().toString();
        String question = "GET /api/v1/nodes/1/ok-to-stop";
        try (SupervisorStub supervisor = new SupervisorStub(directory);
                RestStub node = new RestStub(directory.read().node(1).apiPort())) {
            node.answers(question, 200, "{\"ok\":false,\"reason\":\"volume db would wait\"}");
            Run refused = Run.of("node", "stop", "1", "--dir", path);
            assertEquals(1, refused.code());
            assertEquals(
                    "stria: node 1 is not stopped: volume db would wait (--even-if-data-waits does it)\n",
                    refused.err());
            assertFalse(supervisor.asked().contains("STOP 1"));

            node.answers(question, 200, "{\"ok\":true}");
            assertEquals("node 1 has stopped\n", Run.of("node", "stop", "1", "--dir", path).out());
            assertEquals("STOP 1", supervisor.asked().getLast());
        }
        try (SupervisorStub supervisor = new SupervisorStub(directory)) {
            Run unknown = Run.of("node", "stop", "1", "--dir", path);
            assertEquals(1, unknown.code());
            assertTrue(unknown.err().contains("nobody says whether it may be"), unknown.err());
            assertFalse(supervisor.asked().contains("STOP 1"));
            assertEquals(
                    0, Run.of("node", "stop", "1", "--even-if-data-waits", "--dir", path).code());
            assertEquals("STOP 1", supervisor.asked().getLast());
        }
    }

    @Test
    void wordsAreNamedAsPeopleTypeThem() {
        Run tolerate = run("volume", "create", "db", "--size", "1G", "--tolerate", "rack");
        assertEquals(2, tolerate.code());
        assertTrue(
                tolerate.err().contains("there are node and device, not 'rack'"), tolerate.err());
        Run output = run("volume", "list", "-o", "xml");
        assertTrue(output.err().contains("there are table and json, not 'xml'"), output.err());
        assertEquals(List.of(), rest.asked());
    }

    @Test
    void aWrongCommandLineHasAStatusOfItsOwn() {
        for (String[] wrong :
                List.of(
                        new String[] {},
                        new String[] {"volume"},
                        new String[] {"volume", "create", "db"},
                        new String[] {"volume", "create", "db", "--size", "much"},
                        new String[] {"volume", "create", "db", "--size", "1G", "--scheme", "3+2"},
                        new String[] {"device", "add"},
                        new String[] {"device", "add", "aa", "--all"},
                        new String[] {"node", "fail", "1", "--reason", "burnt"},
                        new String[] {"up", "--nodes", "many"},
                        new String[] {"up", "--engine", "steam"},
                        new String[] {"frobnicate"})) {
            Run run = Run.of(wrong);
            assertEquals(2, run.code(), String.join(" ", wrong));
            assertEquals(2, run.err().lines().count(), run.err());
            assertTrue(run.err().contains(" --help` says more"), run.err());
        }
    }

    @Test
    void portsThatDoNotExistAreOneSentence(@TempDir Path parent) {
        for (String base : List.of("0", "65487", "2147483647")) {
            Path directory = parent.resolve("cluster");
            Run run = Run.of("up", "--dir", directory.toString(), "--port-base", base);

            assertEquals(1, run.code());
            assertEquals(
                    "stria: 5 nodes take 50 ports below 65536, so the first one is from 1 to 65486, not %s%n"
                            .formatted(base),
                    run.err());
            assertFalse(Files.exists(directory));
        }
    }

    @Test
    void aNumberOfNodesThatCannotBeIsOneSentence(@TempDir Path parent) {
        String directory = parent.resolve("cluster").toString();
        for (String kind : List.of("file", "block", "spdk")) {
            for (String nodes : List.of("0", "-1", "16")) {
                Run run = Run.of("up", "--dir", directory, "--device-kind", kind, "--nodes", nodes);
                assertEquals(1, run.code());
                assertEquals("stria: a cluster has 1 to 15 nodes, not " + nodes + "\n", run.err());
            }
        }
    }

    @Test
    void onlyAnAddressThatHostsCanUseIsTaken(@TempDir Path parent) {
        for (String address : List.of("", "localhost", "0.0.0.0", "::", "127.0.0.1.5")) {
            Path directory = parent.resolve("cluster");
            Run run = Run.of("up", "--dir", directory.toString(), "--address", address);

            assertEquals(1, run.code(), address);
            assertEquals(1, run.err().lines().count(), run.err());
            assertFalse(Files.exists(directory));
        }
    }

    @Test
    void whatIsNoAddressOfRestIsOneSentence() {
        for (String api : List.of("ftp://127.0.0.1", "http://", "http://a b", "http:///x")) {
            Run run = Run.of("volume", "list", "--api", api);

            assertEquals(2, run.code(), api);
            assertEquals(2, run.err().lines().count(), run.err());
            assertTrue(run.err().contains("is no URL"), run.err());
        }
    }

    /** A name alone was all that it said. */
    @Test
    void whyNobodyAnswersIsSaid() {
        Run unknown = Run.of("status", "--api", "no-such-host.invalid:4422");
        assertEquals(3, unknown.code());
        assertEquals(
                "stria: http://no-such-host.invalid:4422 does not answer"
                        + " (http://no-such-host.invalid:4422: the host no-such-host.invalid is not known)\n",
                unknown.err());
        Run noPort = Run.of("status", "--api", "no-such-host.invalid");
        assertTrue(noPort.err().contains("no-such-host.invalid, port 80: the host"), noPort.err());
        int port = Plans.freePorts(1);
        Run refused = Run.of("status", "--api", "127.0.0.1:" + port);
        assertTrue(refused.err().contains(port + ": Connection refused"), refused.err());
    }

    @Test
    void anOptionBeforeTheCommandIsToldWhereItBelongs() {
        for (String[] wrong :
                List.of(
                        new String[] {"--api", rest.url(), "status"},
                        new String[] {"--dir", "x", "volume", "list"},
                        new String[] {"volume", "--api", rest.url(), "list"})) {
            Run run = Run.of(wrong);
            assertEquals(2, run.code());
            assertEquals(2, run.err().lines().count(), run.err());
            assertTrue(run.err().contains("options stand behind the command"), run.err());
        }
        assertTrue(Run.of("--help").out().contains("Options stand behind"));
        Run misspelt = Run.of("status", "--appi", "x");
        assertFalse(misspelt.err().contains("stand behind"), misspelt.err());
        assertEquals(List.of(), rest.asked());
    }

    /** It went to the cluster here, which was deleted from. */
    @Test
    void whoNamesNoClusterOrTwoIsRefused(@TempDir Path parent) throws IOException {
        String path = made(parent).path().toString();
        for (String[] wrong :
                List.of(
                        new String[] {"volume", "delete", "db", "--api", ""},
                        new String[] {"volume", "delete", "db", "--api", "", "--dir", path},
                        new String[] {
                            "volume", "delete", "db", "--api", rest.url(), "--dir", path
                        })) {
            Run run = Run.of(wrong);
            assertEquals(2, run.code(), run.err());
            assertEquals(2, run.err().lines().count(), run.err());
        }
        assertEquals(List.of(), rest.asked());
    }

    @Test
    void upRefusesOtherDevicesThanTheClusterHas(@TempDir Path parent) throws IOException {
        ClusterDirectory files = new ClusterDirectory(parent.resolve("files"));
        new ClusterMaker(files).make(Plans.alone());
        assertRefusesDevice(files, "/dev/new", "--device none, which does not change to /dev/new");

        ClusterDirectory block = new ClusterDirectory(parent.resolve("block"));
        Path device = parent.resolve("dev");
        new ClusterMaker(block).make(Plans.on(List.of(device), 1L << 28));
        assertRefusesDevice(block, "/dev/new", "does not change to /dev/new");
        int port = block.read().node(1).apiPort();
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertTrue(taken.isBound());
            assertRefusesDevice(block, device.toString(), "is in use");
        }
    }

    private static void assertRefusesDevice(ClusterDirectory directory, String name, String why) {
        Run run = Run.of("up", "--dir", directory.path().toString(), "--device", name, "--detach");
        assertEquals(1, run.code());
        assertTrue(run.err().contains(why), run.err());
    }

    @Test
    void aNameThatIsNoSegmentOfAPathIsNoVolume() {
        for (String name : List.of("", ".", "..")) {
            for (String command : List.of("show", "scrub", "delete", "connect")) {
                Run run = run("volume", command, name);

                assertEquals(1, run.code());
                assertEquals("stria: there is no volume '" + name + "'\n", run.err());
            }
        }
        assertEquals(List.of(), rest.asked());
    }

    @Test
    void theVersionIsThereForProgramsToo() throws IOException {
        assertTrue(Run.of("version").out().startsWith("stria "));
        assertTrue(json(Run.of("version", "-o", "json").out()).get("version").isTextual());
    }

    @Test
    void theMapShowsWhatIsInItAndNothingElse() {
        rest.answers(
                "GET /api/v1/map",
                200,
                """
                {"epoch":7,"clusterId":"c","nodes":[{"id":1,"address":"10.0.0.1","dataPort":4420,
                 "apiPort":4422,"voter":true,"state":"ONLINE"}],"slots":[],"volumes":[{"name":"demo",
                 "state":"ONLINE","sizeBytes":4096,"scheme":"2+2","epoch":3,"owner":1,"paths":[1],
                 "behind":{"4":6,"5":6}}]}
                """);

        List<String> lines = run("map", "show").out().lines().toList();

        assertEquals("1     online  10.0.0.1  4420  4422  yes", lines.get(3));
        assertEquals("demo    online  4 KiB  2+2     3      1      1      4,5", lines.getLast());
    }

    @Test
    void helpNamesTheExitStatusAndHidesWhatPeopleDoNotCall() {
        Run help = Run.of("--help");

        assertEquals(0, help.code());
        assertTrue(help.out().contains("3   the cluster cannot be reached"), help.out());
        assertFalse(help.out().contains("supervise"), help.out());
        assertTrue(Run.of("up", "--help").out().contains(".stria"), "where up keeps its data");
    }

    /** A GB was taken for a GiB, and nothing said so. */
    @Test
    void helpSaysThatUnitsAreBinary() {
        for (String[] command :
                List.of(
                        new String[] {"volume", "create", "--help"},
                        new String[] {"up", "--help"},
                        new String[] {"node", "add", "--help"})) {
            String help = Run.of(command).out().replaceAll("\\s+", " ");
            assertTrue(help.contains("8G, 8GB and 8GiB are all 8 x 1024^3 bytes"), help);
        }
    }

    @Test
    void upRefusesAForeignDirectory(@TempDir Path foreign) throws IOException {
        Files.writeString(foreign.resolve("thesis.txt"), "draft");

        Run run = Run.of("up", "--dir", foreign.toString(), "--detach");

        assertEquals(1, run.code());
        assertTrue(run.err().contains("thesis.txt"), run.err());
        assertEquals(1, run.err().lines().count());
        assertEquals("", run.out());
    }

    /** It printed nothing, which is no JSON. */
    @Test
    void aFailureOfUpIsAResultForProgramsToo(@TempDir Path foreign) throws IOException {
        Files.writeString(foreign.resolve("thesis.txt"), "draft");

        Run run = Run.of("up", "--dir", foreign.toString(), "--detach", "-o", "json");

        assertEquals(1, run.code());
        assertEquals(foreign.toString(), json(run.out()).path("dir").asText());
        String failure = json(run.out()).path("failure").asText();
        assertEquals("stria: " + failure + "\n", run.err());
    }

    /** It stayed in the cluster's file, and every later start had to do with it. */
    @Test
    void aNodeThatCannotBeStartedIsNotAdded(@TempDir Path parent) throws IOException {
        ClusterDirectory directory = new ClusterDirectory(parent.resolve("cluster"));
        new ClusterMaker(directory).make(Plans.alone());
        try (SupervisorStub supervisor = new SupervisorStub(directory)) {
            Run run = Run.of("node", "add", "--dir", directory.path().toString());
            assertEquals(1, run.code());
            assertTrue(run.err().contains("node 2 ended"), run.err());
            assertTrue(run.err().contains("the cluster is without it"), run.err());
            assertTrue(supervisor.asked().contains("START 2"));
        }
        assertEquals(1, directory.read().nodes().size());
    }

    /** It took the other one's supervisor for its own, said ready, or stopped it. */
    @Test
    void ofTwoUpOnTheSameClusterOneIsRefused(@TempDir Path parent) throws Exception {
        ClusterDirectory directory = new ClusterDirectory(parent.resolve("cluster"));
        new ClusterMaker(directory).make(Plans.alone());
        String path = directory.path().toString();
        Path log = Files.writeString(directory.path().resolve("supervisor.log"), "of the first");
        Beside<Run> second;
        try (ClusterFileLock first = ClusterFileLock.take(directory)) {
            assertNotNull(first);
            second = new Beside<>(() -> Run.of("up", "--dir", path, "--detach"));
            second.awaitWaitIn(ClusterFileLock.class);
            new SupervisorStub(directory).close();
        }
        assertEquals(1, second.get().code());
        assertTrue(second.get().err().contains("runs already (pid "), second.get().err());
        assertEquals("of the first", Files.readString(log));
    }

    @Test
    void upSaysHowToEndNodesWhoseSupervisorIsGone(@TempDir Path parent) throws IOException {
        ClusterDirectory directory = made(parent);
        Files.write(
                directory.nodeDirectory(1).resolve("pid.json"), Json.write(ProcessId.current()));

        Run run = Run.of("up", "--dir", directory.path().toString());

        assertEquals(1, run.code());
        assertEquals(1, run.err().lines().count());
        assertTrue(run.err().contains("without their supervisor"), run.err());
        assertTrue(run.err().contains("stria down --dir " + directory.path()), run.err());
    }

    @Test
    void downFindsNothingToStop(@TempDir Path empty) {
        Run run = Run.of("down", "--dir", empty.toString());

        assertEquals(1, run.code());
        assertTrue(run.err().contains("holds no Stria cluster"), run.err());
    }
}
