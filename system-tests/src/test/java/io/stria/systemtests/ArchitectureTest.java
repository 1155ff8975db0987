package io.stria.systemtests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The rules that the order of modules cannot hold. */
class ArchitectureTest {
    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .withImportOption(location -> !location.contains("-tests.jar"))
                    .importPackages("io.stria");

    /** What runs in simulation, too: it must see the world through its engine alone. */
    private static final String[] SIMULATED = {
        "io.stria.nvme..",
        "io.stria.rdp..",
        "io.stria.clustermap..",
        "io.stria.placement..",
        "io.stria.dataplane..",
        "io.stria.nvmf..",
        "io.stria.control.decisions..",
        "io.stria.control.lease.."
    };

    @Test
    void onlyOnePackageTouchesTheLinker() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.stria.runtime.ffm..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.foreign.Linker")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.foreign.SymbolLookup")
                .check(CLASSES);
    }

    /** Whoever has no such devices must not need it. */
    @Test
    void onlyNodesAndItsOwnDevicesKnowSpdk() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.stria.runtime.spdk..", "io.stria.runtime.ffm.spdk..", "io.stria.node..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.stria.runtime.spdk..", "io.stria.runtime.ffm.spdk..")
                .check(CLASSES);
    }

    @Test
    void onlyOnePackageTouchesTheVectorApi() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.stria.rdp.xor..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jdk.incubator.vector..")
                .check(CLASSES);
    }

    @Test
    void whatIsSimulatedReadsNoClockOfItsOwn() {
        noClasses()
                .that()
                .resideInAnyPackage(SIMULATED)
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .check(CLASSES);
    }

    @Test
    void whatIsSimulatedDrawsNoRandomnessOfItsOwn() {
        noClasses()
                .that()
                .resideInAnyPackage(SIMULATED)
                .should()
                .callMethod(java.util.UUID.class, "randomUUID")
                .orShould()
                .callConstructor(Random.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(java.security.SecureRandom.class)
                .check(CLASSES);
    }

    @Test
    void theDataPathTakesNoLocksAndStartsNoThreads() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.stria.dataplane..",
                        "io.stria.nvmf..",
                        "io.stria.nvme..",
                        "io.stria.rdp..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.util.concurrent..")
                .orShould()
                .callMethodWhere(startsAThread())
                .check(CLASSES);
    }

    private static DescribedPredicate<JavaMethodCall> startsAThread() {
        return DescribedPredicate.describe(
                "start a thread",
                call ->
                        call.getTarget().getOwner().isAssignableTo(Thread.class)
                                && !call.getTarget().getName().equals("currentThread"));
    }

    @Test
    void frameworksStayAboveTheDataPlane() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.stria.runtime..",
                        "io.stria.nvme..",
                        "io.stria.rdp..",
                        "io.stria.clustermap..",
                        "io.stria.placement..",
                        "io.stria.dataplane..",
                        "io.stria.nvmf..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.vertx..",
                        "com.hazelcast..",
                        "org.apache.ratis..",
                        "com.fasterxml..",
                        "io.netty..")
                .check(CLASSES);
    }

    @Test
    void theTargetKnowsDevicesAndNothingElseOfTheDataPlane() {
        noClasses()
                .that()
                .resideInAPackage("io.stria.nvmf..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.stria.dataplane.store..",
                        "io.stria.dataplane.volume..",
                        "io.stria.dataplane.node..",
                        "io.stria.dataplane.peer..")
                .check(CLASSES);
    }
}
