#include "cpperon/shm/directory.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/error.hpp"
#include "tests/support/temporary_directory.hpp"

namespace cpperon::shm {
namespace {

namespace fs = std::filesystem;

/// An environment with these variables and this user in the password database.
UserEnvironment environment(std::map<std::string, std::string> variables, std::optional<std::string> user_name = {}) {
    return {.variable = [variables = std::move(variables)](const char* const name) -> std::optional<std::string> {
                const auto found = variables.find(name);
                return found == variables.end() ? std::nullopt : std::optional{found->second};
            },
            .user_name = [user_name = std::move(user_name)] { return user_name; }};
}

// spec: 01-C1
TEST(DefaultDirectory, IsNamedAfterTheUser) {
    EXPECT_EQ(default_directory(environment({{"USER", "alice"}}, "bob"), DirectoryRoot::shared_memory),
              "/dev/shm/aeron-alice");
    EXPECT_EQ(default_directory(environment({}, "bob"), DirectoryRoot::shared_memory), "/dev/shm/aeron-bob");
    EXPECT_EQ(default_directory(environment({}), DirectoryRoot::shared_memory), "/dev/shm/aeron-default");
    EXPECT_EQ(default_directory(environment({{"USER", ""}}, "bob"), DirectoryRoot::shared_memory),
              "/dev/shm/aeron-bob");
}

// spec: 01-C1
TEST(DefaultDirectory, AsksThePasswordDatabaseForTheRealUser) {
    const auto name = UserEnvironment::of_process().user_name();
    if (::getuid() == 0) {
        EXPECT_EQ(name, "root");
    }
    EXPECT_EQ(UserEnvironment::of_process().variable("CPPERON_SURELY_UNSET"), std::nullopt);
}

TEST(DefaultDirectory, LiesBelowTheTemporaryDirectoryElsewhere) {
    EXPECT_EQ(default_directory(environment({{"USER", "a"}}), DirectoryRoot::temporary), "/tmp/aeron-a");
    EXPECT_EQ(default_directory(environment({{"USER", "a"}, {"TMPDIR", "/var/t"}}), DirectoryRoot::temporary),
              "/var/t/aeron-a");
    EXPECT_EQ(default_directory(environment({{"USER", "a"}, {"TMPDIR", "/var/t/"}}), DirectoryRoot::temporary),
              "/var/t/aeron-a");
}

TEST(ConfiguredDirectory, IsThatOfTheEnvironmentWhereItIsSet) {
    EXPECT_EQ(configured_directory(environment({{"USER", "a"}, {"AERON_DIR", "/x/y"}})), "/x/y");
    EXPECT_EQ(configured_directory(environment({{"USER", "a"}})), default_directory(environment({{"USER", "a"}})));
}

TEST(DirectoryPaths, AreJoinedWithoutNormalising) {
    EXPECT_EQ(cnc_path("/a/"), "/a//cnc.dat");
    EXPECT_EQ(loss_report_path("/a"), "/a/loss-report.dat");
    EXPECT_EQ(publication_log_path("/a", 42), "/a/publications/42.logbuffer");
    EXPECT_EQ(publication_log_path("/a", -7), "/a/publications/-7.logbuffer");
    EXPECT_EQ(image_log_path("/a", 8), "/a/images/8.logbuffer");
}

TEST(CreateDirectory, MakesParentsAndContents) {
    test::TemporaryDirectory root;
    const std::string directory = root / "a/b/aeron";

    create_directory(directory);

    EXPECT_TRUE(fs::is_directory(directory + "/publications"));
    EXPECT_TRUE(fs::is_directory(directory + "/images"));
    EXPECT_EQ(std::distance(fs::directory_iterator{directory}, fs::directory_iterator{}), 2);
}

TEST(CreateDirectory, RefusesWhatCannotBeOne) {
    test::TemporaryDirectory root;
    std::ofstream{root / "file"} << "x";
    EXPECT_THROW(create_directory(root / "file/aeron"), IoError);
    EXPECT_THROW(create_directory(""), InvalidArgumentError);
    EXPECT_THROW(create_directory(std::string(4'096, 'a')), InvalidArgumentError);
}

TEST(DeleteDirectory, RemovesEverythingInIt) {
    test::TemporaryDirectory root;
    const std::string directory = root / "aeron";
    create_directory(directory);
    std::ofstream{directory + "/publications/1.logbuffer"} << "x";

    delete_directory(directory);

    EXPECT_FALSE(fs::exists(directory));
    EXPECT_NO_THROW(delete_directory(directory));
    EXPECT_THROW(delete_directory(""), InvalidArgumentError);
    EXPECT_THROW(delete_directory("//"), InvalidArgumentError);
}

TEST(DeleteDirectory, DoesNotFollowSymbolicLinks) {
    test::TemporaryDirectory root;
    const std::string precious = root / "precious";
    fs::create_directory(precious);
    std::ofstream{precious + "/file"} << "x";
    const std::string directory = root / "aeron";
    create_directory(directory);
    fs::create_directory_symlink(precious, directory + "/images/link");
    fs::create_directory_symlink(precious, root / "aeron-link");

    delete_directory(directory);
    delete_directory(root / "aeron-link/");

    EXPECT_FALSE(fs::exists(directory));
    EXPECT_FALSE(fs::is_symlink(root / "aeron-link"));
    EXPECT_TRUE(fs::exists(precious + "/file"));
}

}  // namespace
}  // namespace cpperon::shm
