#include "tools/machine_files.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"

namespace cpperon::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MachineFiles : public ::testing::Test {
protected:
    void put(const std::string& path, const std::string& text) const {
        const std::filesystem::path whole{root_ / path};
        std::filesystem::create_directories(whole.parent_path());
        std::ofstream{whole} << text;
    }

    [[nodiscard]] MachineFacts read() const {
        MachineFacts facts{.allowed_processors = {0, 2}};
        read_machine_files(root_.path(), facts);
        return facts;
    }

    test::TemporaryDirectory root_;
};

TEST_F(MachineFiles, AreReadAsTheKernelWritesThem) {
    put("proc/meminfo", "MemTotal:  8 kB\nSwapTotal:       2048 kB\nSwapFree:        1024 kB\n");
    put("proc/sys/vm/swappiness", "60\n");
    put("proc/sys/net/core/rmem_max", "212992\n");
    put("proc/sys/net/core/wmem_max", "4194304\n");
    put("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
    put("sys/devices/system/cpu/isolated", "2-3,7\n");
    put("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
    put("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "ondemand\n");
    put("sys/devices/system/cpu/cpu2/cpufreq/scaling_governor", "performance\n");
    put("sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet\n");
    put("sys/devices/system/clocksource/clocksource0/available_clocksource", "tsc hpet acpi_pm \n");
    put("sys/class/net/lo/flags", "0x9\n");
    put("sys/class/net/eth0/flags", "0x1003\n");
    put("sys/class/net/eth1/flags", "0x1002\n");

    const MachineFacts facts = read();

    EXPECT_EQ(facts.swap_total, 2'048 * 1'024);
    EXPECT_EQ(facts.swap_used, 1'024 * 1'024);
    EXPECT_EQ(facts.swappiness, 60);
    EXPECT_EQ(facts.rmem_max, 212'992);
    EXPECT_EQ(facts.wmem_max, 4'194'304);
    EXPECT_EQ(facts.transparent_huge_pages, "madvise");
    EXPECT_THAT(facts.isolated_processors, ElementsAre(2, 3, 7));
    EXPECT_THAT(facts.governors, ElementsAre("powersave", "performance")) << "of the allowed processors";
    EXPECT_EQ(facts.clock_source, "hpet");
    EXPECT_THAT(facts.available_clock_sources, ElementsAre("tsc", "hpet", "acpi_pm"));
    EXPECT_THAT(facts.multicast_interfaces, ElementsAre("eth0"));
}

TEST_F(MachineFiles, MayAllBeMissing) {
    const MachineFacts facts = read();

    EXPECT_EQ(facts.swap_total, std::nullopt);
    EXPECT_EQ(facts.rmem_max, std::nullopt);
    EXPECT_EQ(facts.transparent_huge_pages, "");
    EXPECT_EQ(facts.has_multicast_route, std::nullopt);
    EXPECT_EQ(facts.processor_quota, std::nullopt);
    EXPECT_THAT(facts.governors, IsEmpty());
}

TEST_F(MachineFiles, EachControlGroupHasASay) {
    put("proc/self/cgroup", "0::/outer/inner\n");
    put("sys/fs/cgroup/outer/cpu.max", "150000 100000\n");
    put("sys/fs/cgroup/outer/inner/cpu.max", "max 100000\n");
    put("sys/fs/cgroup/outer/memory.max", "max\n");
    put("sys/fs/cgroup/outer/inner/memory.max", "1073741824\n");

    const MachineFacts facts = read();

    EXPECT_EQ(facts.processor_quota, 1.5);
    EXPECT_EQ(facts.memory_limit, 1'073'741'824);
}

TEST_F(MachineFiles, ControlGroupsOfVersionOneAreRead) {
    put("proc/self/cgroup", "4:memory:/job\n2:cpu,cpuacct:/job\n");
    put("sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "50000\n");
    put("sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n");
    put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
    put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    put("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "2097152\n");
    put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");

    const MachineFacts facts = read();

    EXPECT_EQ(facts.processor_quota, 0.5);
    EXPECT_EQ(facts.memory_limit, 2'097'152);
}

TEST_F(MachineFiles, TellWhetherGroupsHaveARoute) {
    const std::string head = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n";
    put("proc/net/route", head + "eth0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n");
    EXPECT_EQ(read().has_multicast_route, false);

    put("proc/net/route", head + "eth0\t000000E0\t00000000\t0001\t0\t0\t0\t000000F0\t0\t0\t0\n");
    EXPECT_EQ(read().has_multicast_route, true) << "224.0.0.0/4";

    put("proc/net/route", head + "eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n");
    EXPECT_EQ(read().has_multicast_route, true) << "default";
}

TEST(ProcessorList, IsParsed) {
    EXPECT_THAT(parse_processor_list(""), IsEmpty());
    EXPECT_THAT(parse_processor_list("4"), ElementsAre(4));
    EXPECT_THAT(parse_processor_list("0-2,5"), ElementsAre(0, 1, 2, 5));
    EXPECT_THAT(parse_processor_list("x,1-,3-99999"), IsEmpty());
}

}  // namespace
}  // namespace cpperon::tools
