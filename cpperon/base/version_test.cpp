#include "cpperon/base/version.hpp"

#include <fstream>
#include <iterator>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpperon {
namespace {

TEST(Version, IsTheProjects) {
    std::ifstream file{CPPERON_TEST_DATA "/../../CMakeLists.txt"};
    const std::string project{std::istreambuf_iterator<char>{file}, {}};

    EXPECT_EQ(version_text, fmt::format("{}.{}.{}", version_major, version_minor, version_patch));
    EXPECT_THAT(project, ::testing::HasSubstr(fmt::format("project(cpperon VERSION {} ", version_text)));
}

TEST(Version, IsPrintedInFull) {
    EXPECT_EQ(version_full(), fmt::format("cpperon version={} commit={}", version_text, build_commit()));
    EXPECT_FALSE(build_commit().empty());
}

}  // namespace
}  // namespace cpperon
