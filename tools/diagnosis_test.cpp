#include "tools/diagnosis.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tools/machine_probes.hpp"

namespace cpperon::tools {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::int64_t mebi = 1 << 20;

/// A machine with which nothing is wrong.
MachineFacts fit_machine() {
    return {.storage = StorageFacts{.path = "/dev/shm", .type = "tmpfs", .total = 64'000 * mebi, .free = 63'000 * mebi},
            .swap_total = 0,
            .swap_used = 0,
            .swappiness = 60,
            .transparent_huge_pages = "madvise",
            .rmem_max = 4 * mebi,
            .wmem_max = 4 * mebi,
            .granted_receive_buffer = 131'072,
            .granted_send_buffer = 212'992,
            .offload = OffloadFacts{.is_cut = true, .is_joined = true, .reason = {}},
            .multicast_interfaces = {"eth0"},
            .has_multicast_route = true,
            .allowed_processors = {0, 1, 2, 3, 4, 5, 6, 7},
            .governors = {"performance"},
            .clock_source = "tsc",
            .available_clock_sources = {"tsc", "hpet"},
            .clock_cost_ns = 20,
            .is_clock_synchronised = true,
            .clock_error_us = 100,
            .open_files_limit = 65'536};
}

/// The finding of one check.
Finding find(const MachineFacts& facts, const std::string& check, const DriverContext& context = {}) {
    const std::vector<Finding> findings = diagnose(facts, context);
    const auto found = std::find_if(findings.begin(), findings.end(),
                                    [&check](const Finding& finding) { return finding.check == check; });
    if (found == findings.end()) {
        throw std::logic_error("there is no check '" + check + "'");
    }
    return *found;
}

TEST(Diagnosis, FindsNothingOnAFitMachine) {
    const std::vector<Finding> findings = diagnose(fit_machine(), {});

    EXPECT_FALSE(has_problem(findings));
    for (const Finding& finding : findings) {
        EXPECT_EQ(finding.verdict, Verdict::ok) << nlohmann::json(finding).dump();
        EXPECT_THAT(finding.measured, Not(IsEmpty())) << finding.check;
        EXPECT_THAT(finding.fix, IsEmpty()) << finding.check;
    }
}

TEST(Diagnosis, AnswersWhereNothingIsKnown) {
    for (const Finding& finding : diagnose({}, {})) {
        EXPECT_THAT(finding.measured, Not(IsEmpty())) << finding.check;
        if (finding.verdict != Verdict::ok) {
            EXPECT_THAT(finding.reason, Not(IsEmpty())) << finding.check;
            EXPECT_THAT(finding.fix, Not(IsEmpty())) << finding.check;
        }
    }
}

TEST(Diagnosis, EndsWithAConfigurationThatNoDriverTakes) {
    MachineFacts facts = fit_machine();
    facts.configuration_error = "aeron.mtu.length=1 is too short";

    const std::vector<Finding> findings = diagnose(facts, {});

    ASSERT_EQ(findings.size(), 1U);
    EXPECT_TRUE(has_problem(findings));
    EXPECT_EQ(findings[0].measured, "aeron.mtu.length=1 is too short");
}

TEST(Diagnosis, WantsRoomForADriverAndItsLogs) {
    // With terms of 1 MiB a log is 3 MiB and a page; a driver has 8 + 4 * 8 MiB of counters, 4 of errors, 3 of the
    // rest.
    const DriverContext context{.term_length = mebi, .ipc_term_length = mebi, .low_storage_warning_threshold = 0};
    MachineFacts facts = fit_machine();

    facts.storage->free = 49 * mebi;
    EXPECT_EQ(find(facts, "storage", context).verdict, Verdict::problem);
    facts.storage->free = 53 * mebi;
    EXPECT_EQ(find(facts, "storage", context).verdict, Verdict::note);
    facts.storage->free = 61 * mebi;
    EXPECT_EQ(find(facts, "storage", context).verdict, Verdict::ok);

    const DriverContext large{.ipc_term_length = 1'024 * mebi};
    facts.storage = StorageFacts{.path = "/dev/shm", .type = "tmpfs", .total = 64 * mebi, .free = 64 * mebi};
    const Finding finding = find(facts, "storage", large);
    EXPECT_EQ(finding.verdict, Verdict::problem);
    EXPECT_THAT(finding.fix, HasSubstr("mount -o remount,size="));
    EXPECT_THAT(finding.fix, HasSubstr("--shm-size="));
}

TEST(Diagnosis, WantsSharedMemoryRatherThanADisk) {
    MachineFacts facts = fit_machine();
    facts.storage->type = "other";

    EXPECT_EQ(find(facts, "storage").verdict, Verdict::note);
    EXPECT_THAT(find(facts, "storage").measured, HasSubstr("no tmpfs"));
}

TEST(Diagnosis, CountsLogsAsMemoryOfTheControlGroup) {
    MachineFacts facts = fit_machine();
    facts.memory_limit = 128 * mebi;
    EXPECT_EQ(find(facts, "memory limit").verdict, Verdict::problem);
    facts.memory_limit = 1'024 * mebi;
    EXPECT_EQ(find(facts, "memory limit").verdict, Verdict::ok);
}

TEST(Diagnosis, ComparesSocketBuffersWithTheConfiguration) {
    MachineFacts facts = fit_machine();
    facts.rmem_max = 212'992;
    EXPECT_EQ(find(facts, "receive buffer").verdict, Verdict::note);
    EXPECT_EQ(find(facts, "receive buffer").fix, "sysctl -w net.core.rmem_max=2097152");

    facts.granted_receive_buffer = 212'992;
    const DriverContext long_buffer{.socket_receive_buffer_length = mebi};
    EXPECT_EQ(find(facts, "receive buffer", long_buffer).verdict, Verdict::problem);
    EXPECT_EQ(find(facts, "receive buffer", long_buffer).fix, "sysctl -w net.core.rmem_max=1048576");

    const DriverContext long_window{.receiver_window_length = mebi, .socket_receive_buffer_length = mebi};
    EXPECT_THAT(find(facts, "receive buffer", long_window).reason, HasSubstr("does not start"));

    facts.granted_send_buffer = 1'024;
    EXPECT_EQ(find(facts, "send buffer").verdict, Verdict::problem);
    EXPECT_EQ(find(facts, "send buffer").fix, "sysctl -w net.core.wmem_max=1408, and -Daeron.socket.so_sndbuf=1408");

    facts.granted_send_buffer.reset();
    EXPECT_THAT(find(facts, "send buffer").measured, HasSubstr("no UDP socket"));
}

TEST(Diagnosis, NotesOffloadThatIsMissing) {
    MachineFacts facts = fit_machine();
    facts.offload = OffloadFacts{.is_cut = true, .is_joined = false, .reason = "the kernel does not know UDP_GRO"};
    EXPECT_EQ(find(facts, "UDP offload").verdict, Verdict::note);
    EXPECT_THAT(find(facts, "UDP offload").measured, HasSubstr("the kernel does not know UDP_GRO"));

    EXPECT_EQ(find(fit_machine(), "UDP offload", {.receive_offload = false}).verdict, Verdict::note);
}

TEST(Diagnosis, ComparesProcessorsWithThreads) {
    const DriverContext spinning{.sender_idle = {.name = "spin"}, .receiver_idle = {.name = "noop"}};
    MachineFacts facts = fit_machine();
    facts.allowed_processors = {0, 1, 2};

    EXPECT_EQ(find(facts, "processors").verdict, Verdict::note);
    EXPECT_EQ(find(facts, "processors").fix, "-Daeron.threading.mode=SHARED_NETWORK");
    EXPECT_EQ(find(facts, "processors", {.threading_mode = ThreadingMode::shared_network}).verdict, Verdict::ok);
    EXPECT_EQ(find(facts, "processors", spinning).verdict, Verdict::note);

    facts.allowed_processors = {0, 1};
    EXPECT_EQ(find(facts, "processors").fix, "-Daeron.threading.mode=SHARED");
    EXPECT_EQ(find(facts, "processors", spinning).verdict, Verdict::problem);
    EXPECT_EQ(find(facts, "processors", {.threading_mode = ThreadingMode::shared}).verdict, Verdict::ok);
}

TEST(Diagnosis, CountsAQuotaAsProcessors) {
    MachineFacts facts = fit_machine();
    facts.processor_quota = 1.5;

    EXPECT_EQ(find(facts, "processor quota").verdict, Verdict::note);
    EXPECT_EQ(find(facts, "processors").verdict, Verdict::note);
    EXPECT_EQ(find(facts, "processors", {.shared_idle = {.name = "spin"}}).verdict, Verdict::note);
    const DriverContext spinning{.threading_mode = ThreadingMode::shared, .shared_idle = {.name = "spin"}};
    EXPECT_EQ(find(facts, "processors", spinning).verdict, Verdict::problem);
}

TEST(Diagnosis, ChecksAffinities) {
    MachineFacts facts = fit_machine();
    facts.allowed_processors = {0, 1};
    facts.isolated_processors = {6, 7};

    EXPECT_EQ(find(facts, "affinity", {.sender_cpu_affinity = 6, .receiver_cpu_affinity = 7}).verdict, Verdict::ok);
    EXPECT_EQ(find(facts, "affinity", {.sender_cpu_affinity = 3}).verdict, Verdict::problem);
    const Finding shared = find(facts, "affinity", {.sender_cpu_affinity = 6, .receiver_cpu_affinity = 6});
    EXPECT_EQ(shared.verdict, Verdict::problem);
    EXPECT_THAT(shared.fix, HasSubstr("aeron.receiver.cpu.affinity"));
    EXPECT_EQ(find(facts, "affinity", {.sender_idle = {.name = "spin"}}).verdict, Verdict::note);
    const DriverContext unused{.threading_mode = ThreadingMode::shared, .sender_cpu_affinity = 3};
    EXPECT_EQ(find(facts, "affinity", unused).verdict, Verdict::ok) << "there is no such thread";
}

TEST(Diagnosis, WantsAClockThatCostsLittle) {
    MachineFacts facts = fit_machine();
    facts.clock_source = "hpet";
    facts.clock_cost_ns = 900;
    EXPECT_EQ(find(facts, "time source").verdict, Verdict::problem);
    EXPECT_THAT(find(facts, "time source").fix, HasSubstr("echo tsc >"));

    facts.available_clock_sources = {"hpet"};
    EXPECT_THAT(find(facts, "time source").fix, HasSubstr("tsc=reliable"));
    facts.clock_source = "tsc";
    EXPECT_THAT(find(facts, "time source").fix, HasSubstr("sandbox"));
}

TEST(Diagnosis, NotesWhatStopsThreadsNowAndThen) {
    MachineFacts facts = fit_machine();
    facts.governors = {"performance", "powersave"};
    facts.swap_total = 1'024 * mebi;
    facts.transparent_huge_pages = "always";
    facts.is_clock_synchronised = false;
    for (const char* const check : {"frequency", "swap", "huge pages", "clock between hosts"}) {
        EXPECT_EQ(find(facts, check).verdict, Verdict::note) << check;
        EXPECT_THAT(find(facts, check).fix, Not(IsEmpty())) << check;
    }

    facts.swappiness = 1;
    EXPECT_EQ(find(facts, "swap").verdict, Verdict::ok);
    EXPECT_THAT(find(fit_machine(), "huge pages", {.file_page_size = 2 * mebi}).fix, HasSubstr("hugetlbfs"));
}

TEST(Diagnosis, ChecksLimitsOfProcesses) {
    MachineFacts facts = fit_machine();
    facts.open_files_limit = 1'024;
    EXPECT_EQ(find(facts, "open files").verdict, Verdict::note);
    facts.open_files_limit = 64;
    EXPECT_EQ(find(facts, "open files").verdict, Verdict::problem);
    facts.open_files_limit.reset();
    EXPECT_EQ(find(facts, "open files").verdict, Verdict::ok);

    facts.file_length_limit = 10 * mebi;
    EXPECT_EQ(find(facts, "file length").verdict, Verdict::problem);
}

TEST(Diagnosis, NotesLeftoversAndMissingRoutes) {
    MachineFacts facts = fit_machine();
    facts.leftovers = {{.path = "/dev/shm/aeron-a", .state = "dead", .length = 3 * mebi},
                       {.path = "/dev/shm/aeron-b", .state = "closed", .length = mebi}};
    EXPECT_EQ(find(facts, "leftovers").verdict, Verdict::note);
    EXPECT_EQ(find(facts, "leftovers").fix, "rm -r '/dev/shm/aeron-a' '/dev/shm/aeron-b'");

    facts.has_multicast_route = false;
    EXPECT_EQ(find(facts, "multicast").fix, "ip route add 224.0.0.0/4 dev eth0");
    facts.multicast_interfaces.clear();
    EXPECT_EQ(find(facts, "multicast").verdict, Verdict::note);
}

// Whatever machine this is, each probe must come to an answer.
TEST(MachineProbes, LookAtThisMachine) {
    const MachineFacts facts = look_at_machine({});

    EXPECT_THAT(facts.configuration_error, IsEmpty());
    ASSERT_TRUE(facts.storage);
    EXPECT_GT(facts.storage->total, 0);
    EXPECT_THAT(facts.allowed_processors, Not(IsEmpty()));
    EXPECT_GT(facts.clock_cost_ns, 0);
    EXPECT_GT(facts.granted_receive_buffer, 0);
    ASSERT_TRUE(facts.offload);
    EXPECT_NE(facts.offload->is_cut && facts.offload->is_joined, !facts.offload->reason.empty());
}

TEST(MachineProbes, TellWhichSettingIsWrong) {
    EXPECT_THAT(look_at_machine({.mtu_length = 1}).configuration_error, HasSubstr("aeron.mtu.length"));
}

}  // namespace
}  // namespace cpperon::tools
