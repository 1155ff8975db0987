package io.stria.systemtests.nvmf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One command of nvme-cli that is put to two targets.
 *
 * @param command {@code %c} stands for the controller's device, {@code %n} for the namespace's
 */
record Probe(String name, String command) {
    /** What it said: its exit code, and its output as fields where it has some. */
    record Outcome(Map<String, String> fields) {
        /** The field that every outcome has. */
        static final String STATUS = "status";

        static Outcome of(int exitCode, String output) {
            Map<String, String> fields = new LinkedHashMap<>();
            fields.put(STATUS, exitCode == 0 ? "ok" : complaint(exitCode, output));
            for (String line : exitCode == 0 ? output.split("\n") : new String[0]) {
                if (line.contains(" device") || line.contains("Device")) {
                    continue; // only says whom it asked
                }
                int colon = line.indexOf(':');
                if (colon > 0) {
                    String name = line.substring(0, colon).strip();
                    fields.merge(name, line.substring(colon + 1).strip(), (a, b) -> a + " | " + b);
                }
            }
            return new Outcome(fields);
        }

        boolean isOk() {
            return "ok".equals(fields.get(STATUS));
        }

        private static String complaint(int exitCode, String output) {
            return output.lines()
                    .filter(line -> line.contains("status") || line.contains("rror"))
                    .findFirst()
                    .map(line -> line.replaceAll("^.*status: ", "").strip())
                    .orElse("exit " + exitCode);
        }
    }

    String on(String controller, String namespace) {
        return "nvme " + command.replace("%c", controller).replace("%n", namespace);
    }

    static List<Probe> all() {
        List<Probe> all = new ArrayList<>();
        for (String line : COMMANDS.strip().split("\n")) {
            all.add(new Probe(line.strip(), line.strip()));
        }
        for (int feature :
                new int[] {1, 2, 4, 5, 6, 7, 8, 9, 0xA, 0xB, 0xC, 0xF, 0x10, 0x16, 0x80, 0x81}) {
            String data = feature == 0x16 ? " -l 512" : feature == 0x81 ? " -l 16 -c 1" : "";
            String command = "get-feature %%c -f %#x%s".formatted(feature, data);
            all.add(new Probe(command, command));
        }
        return all;
    }

    private static final String COMMANDS =
            """
            id-ctrl %c
            id-ns %n
            id-ns %c -n 2
            id-ns %c -n 0xffffffff
            list-ns %c
            list-ns %c -n 0xfffffffe
            list-ctrl %c
            ns-descs %c -n 1
            ns-descs %c -n 2
            cmdset-ind-id-ns %c -n 1
            nvm-id-ctrl %c
            id-iocs %c
            id-nvmset %c
            id-uuid %c
            primary-ctrl-caps %c
            smart-log %c
            smart-log %c -n 1
            smart-log %c -n 2
            error-log %c -e 4
            fw-log %c
            changed-ns-list-log %c
            effects-log %c
            ana-log %c
            supported-log-pages %c
            fid-support-effects-log %c
            self-test-log %c
            endurance-log %c
            telemetry-log %c -O /tmp/telemetry
            get-log %c --log-id=2 --log-len=512
            get-log %c --log-id=2 --log-len=64 --lpo=256
            get-log %c --log-id=2 --log-len=64 --lpo=1024
            get-log %c --log-id=2 --log-len=64 --lpo=2
            get-log %c --log-id=0xc0 --log-len=512
            show-regs %c
            set-feature %c -f 1 -v 0
            set-feature %c -f 2 -v 1
            set-feature %c -f 4 -v 0x157
            set-feature %c -f 6 -v 1
            set-feature %c -f 7 -v 0x10001
            set-feature %c -f 0xb -v 0xff000000
            set-feature %c -f 1 -v 0 -s
            set-feature %c -f 0xc0 -v 1
            flush %n -n 1
            flush %n -n 0xffffffff
            flush %n -n 2
            write %n -s 8 -c 0 -z 4096 -d /tmp/block
            read %n -s 8 -c 0 -z 4096 -d /tmp/read
            compare %n -s 8 -c 0 -z 4096 -d /tmp/block
            verify %n -s 8 -c 0
            write-zeroes %n -s 8 -c 7
            dsm %n -d -s 8 -b 8
            read %n -s 0xffffffff -c 0 -z 4096
            write %n -s 0xffffffff -c 0 -z 4096 -d /tmp/block
            write-zeroes %n -s 0xffffffff -c 0
            dsm %n -d -s 0xffffffff -b 8
            write-uncor %n -s 8 -c 0
            copy %n -d 0 -s 8 -b 0
            resv-report %n -n 1
            get-lba-status %n -s 0 -m 1 -a 0x11 -l 1
            format %n -l 0 --force
            create-ns %c -s 1 -c 1 -f 0
            fw-commit %c -s 1 -a 1
            sanitize %c -a 1
            device-self-test %c -s 1
            security-recv %c -p 0 -s 0 -t 0 -x 256
            dir-receive %c -n 1 -D 0 -O 1 -r
            admin-passthru %c --opcode=0x18
            admin-passthru %c --opcode=0x08 --cdw10=0x10000
            admin-passthru %c --opcode=0x00
            admin-passthru %c --opcode=0xc1
            io-passthru %n --opcode=0x0d --namespace-id=1
            io-passthru %n --opcode=0x90 --namespace-id=1
            io-passthru %n --opcode=0x02 --namespace-id=1 --cdw12=0 --data-len=8192 -r
            io-passthru %n --opcode=0x02 --namespace-id=2 --cdw12=0 --data-len=4096 -r
            reset %c
            """;
}
