/// Starts programs and watches them from outside, for the system tests.
#pragma once

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <random>
#include <spawn.h>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/sanitizer.hpp"

namespace cpperon::system_test {

/// Polls until `condition` holds; fails the test, naming what was waited for, when that takes too long.
inline bool wait_until(const std::function<bool()>& condition, const std::string_view what) {
    constexpr std::chrono::seconds patience{test::is_sanitized ? 120 : 30};
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            ADD_FAILURE() << "waited " << patience.count() << " s for " << what;
            return false;
        }
        std::this_thread::yield();
    }
    return true;
}

/// Of a random test: what `CPPERON_TEST_SEED` says, to replay a run, or a new one each time.
inline std::uint64_t test_seed() {
    const char* const given = std::getenv("CPPERON_TEST_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

/// A directory that is deleted at the end with everything in it.
class ScratchDirectory {
public:
    /// A new one of its own.
    ScratchDirectory() : path_("/dev/shm/cpperon-test-XXXXXX") {
        if (::mkdtemp(path_.data()) == nullptr) {
            throw std::system_error(errno, std::generic_category(), "cannot make a scratch directory");
        }
    }
    /// One that somebody else may make.
    explicit ScratchDirectory(std::string path) : path_(std::move(path)) {}
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;
    ~ScratchDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::string operator/(const std::string_view name) const { return path_ + "/" + std::string{name}; }

private:
    std::string path_;
};

inline std::string text_of(const std::string& path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// One run of a program, with nothing in its environment but what is given here. Killed at the end if it still runs.
class ChildProcess {
public:
    /// `command`: the program's path and its arguments.
    explicit ChildProcess(std::vector<std::string> command, std::vector<std::string> environment = {}) {
        std::vector<char*> argument_pointers = pointers_to(command);
        std::vector<char*> environment_pointers = pointers_to(environment);
        int input[2] = {-1, -1};
        if (::pipe2(input, O_CLOEXEC) != 0) {
            throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
        }
        input_ = input[1];

        posix_spawn_file_actions_t files;
        ::posix_spawn_file_actions_init(&files);
        ::posix_spawn_file_actions_adddup2(&files, input[0], STDIN_FILENO);
        ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, output_path_.c_str(), O_WRONLY | O_CREAT, 0600);
        ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, error_path_.c_str(), O_WRONLY | O_CREAT, 0600);
        const int failure = ::posix_spawn(&pid_, command.front().c_str(), &files, nullptr, argument_pointers.data(),
                                          environment_pointers.data());
        ::posix_spawn_file_actions_destroy(&files);
        ::close(input[0]);
        if (failure != 0) {
            ::close(input_);
            throw std::system_error(failure, std::generic_category(), "cannot start " + command.front());
        }
    }
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;
    ~ChildProcess() {
        if (!has_ended()) {
            send(SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
        ::close(input_);
    }

    void send(const int signal) const { ::kill(pid_, signal); }

    /// Gives the program, which must be running, one line to read.
    void tell(const std::string& line) const {
        const std::string text = line + "\n";
        EXPECT_EQ(::write(input_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }

    /// True once the process has ended, however that was.
    [[nodiscard]] bool has_ended() {
        int status = 0;
        if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) {
            status_ = status;
        }
        return status_.has_value();
    }

    /// Waits for the end; the exit status, or nothing where a signal killed the process.
    [[nodiscard]] std::optional<int> exit_status() {
        wait_until([this] { return has_ended(); }, "the process to end");
        return status_ && WIFEXITED(*status_) ? std::optional{WEXITSTATUS(*status_)} : std::nullopt;
    }

    /// Kills the process at once and waits until it is gone.
    void kill() {
        send(SIGKILL);
        EXPECT_EQ(exit_status(), std::nullopt) << "it had ended by itself: " << error_output();
    }

    [[nodiscard]] std::string output() const { return text_of(output_path_); }
    [[nodiscard]] std::string error_output() const { return text_of(error_path_); }

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }

private:
    static std::vector<char*> pointers_to(std::vector<std::string>& texts) {
        std::vector<char*> pointers;
        for (std::string& text : texts) {
            pointers.push_back(text.data());
        }
        pointers.push_back(nullptr);
        return pointers;
    }

    ScratchDirectory files_;
    std::string output_path_ = files_ / "stdout";
    std::string error_path_ = files_ / "stderr";
    int input_ = -1;
    pid_t pid_ = -1;
    std::optional<int> status_;
};

}  // namespace cpperon::system_test
