#include "cpperon/driver/cpuset.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/error.hpp"
#include "cpperon/driver/test_directory.hpp"

namespace cpperon::driver {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A machine of two dies with four processors each, two to a core, and a process in the group `/aeron`.
class CpusetTest : public testing::Test {
protected:
    CpusetTest() {
        write("cgroup", "4:memory:/x\n0::/aeron\n");
        for (int processor = 0; processor < 8; ++processor) {
            const std::string folder = "cpu/cpu" + std::to_string(processor);
            const int core = processor / 2 * 2;
            write(folder + "/topology/thread_siblings_list", std::to_string(core) + "-" + std::to_string(core + 1));
            write(folder + "/topology/physical_package_id", "0");
            write(folder + "/topology/die_id", std::to_string(processor / 4));
            write(folder + "/cache/index3/shared_cpu_list", processor < 4 ? "0-3" : "4-7");
        }
    }
    void write(const std::string& name, const std::string& text) const {
        const std::filesystem::path path = root / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream{path} << text;
    }
    void apply(const std::string& cpuset) {
        write("groups/aeron/cpuset.cpus.effective", cpuset + "\n");
        apply_cpuset(context, files);
    }
    std::string refusal_of(const std::string& cpuset) {
        try {
            apply(cpuset);
        } catch (const InvalidArgumentError& error) {
            return error.what();
        }
        return "accepted";
    }

    TestDirectory root;
    ProcessorFiles files{.groups_of_process = root / "cgroup", .groups = root / "groups", .processors = root / "cpu"};
    std::vector<std::string> warnings;
    DriverContext context{.warning_handler = [this](const std::string_view line) { warnings.emplace_back(line); },
                          .conductor_cpu_affinity = 0,
                          .sender_cpu_affinity = 3,
                          .receiver_cpu_affinity = 2,
                          .cpuset_affinity = true};
};

// spec: 06 §2.5
TEST_F(CpusetTest, MakesProcessorsOfIndexes) {
    apply("6-7,4,5,4");

    EXPECT_EQ(context.conductor_cpu_affinity, 4);
    EXPECT_EQ(context.sender_cpu_affinity, 7);
    EXPECT_EQ(context.receiver_cpu_affinity, 6);
    EXPECT_EQ(context.native_resource_agent_cpu_affinity, -1);
    EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(CpusetTest, IsNotLookedAtUnlessAskedFor) {
    context.cpuset_affinity = false;
    apply("nonsense");
    EXPECT_EQ(context.sender_cpu_affinity, 3);
}

TEST_F(CpusetTest, RefusesAnIndexBeyondTheSet) {
    EXPECT_EQ(
        refusal_of("4-6"),
        "aeron.sender.cpu.affinity=3 is beyond the cpuset, which has 3 processors (4,5,6): set it to an index from "
        "0 to 2, or to -1");
}

TEST_F(CpusetTest, WarnsOfNeighboursAndDistances) {
    apply("1-4");
    EXPECT_THAT(warnings,
                ElementsAre("WARNING: the cpuset 1,2,3,4 shares cores with the processors 0,5, which are not in it",
                            "WARNING: the cpuset 1,2,3,4 is spread over several dies",
                            "WARNING: the cpuset 1,2,3,4 is spread over several L3 caches"));

    context.cpuset_warnings_as_errors = true;
    EXPECT_THAT(refusal_of("1-4"), HasSubstr("aeron.driver.cpuset.warnings.as.errors"));
}

TEST_F(CpusetTest, NeedsAGroupWithAList) {
    for (const std::string list : {"", "x", "3-1", "1,,2", "-4", "0-99999999"}) {
        EXPECT_THAT(refusal_of(list), HasSubstr("no list of processors")) << list;
    }
    write("cgroup", "4:memory:/x\n");
    EXPECT_THAT(refusal_of("0-3"), HasSubstr("needs cgroup v2"));
}

}  // namespace
}  // namespace cpperon::driver
