/// `cpperond` as a child process, for the system tests.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/system/child_process.hpp"

namespace cpperon::system_test {

class DriverProcess : public ChildProcess {
public:
    DriverProcess(const std::vector<std::string>& arguments, std::vector<std::string> environment)
        : ChildProcess(command(arguments), std::move(environment)) {}

    /// Sorted by nothing in particular.
    /// Sorted.
    [[nodiscard]] std::vector<std::string> thread_names() const {
        std::vector<std::string> names;
        for (const auto& thread : std::filesystem::directory_iterator{"/proc/" + std::to_string(pid()) + "/task"}) {
            std::ifstream file{thread.path() / "comm"};
            std::getline(file, names.emplace_back());
        }
        std::sort(names.begin(), names.end());
        return names;
    }

private:
    static std::vector<std::string> command(const std::vector<std::string>& arguments) {
        std::vector<std::string> whole{CPPERON_BIN "/cpperond"};
        whole.insert(whole.end(), arguments.begin(), arguments.end());
        return whole;
    }
};

}  // namespace cpperon::system_test
