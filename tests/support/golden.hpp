/// Files that a reference driver left behind (tests/data), for tests that read them. `CPPERON_TEST_DATA` names their
/// directory.
#pragma once

#include <cstdio>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace cpperon::test {

/// Decompresses `<test data>/<name>.gz` to `path`.
inline void extract_golden(const std::string& name, const std::string& path) {
    const std::string command = "gzip -dc '" + std::string{CPPERON_TEST_DATA} + "/" + name + ".gz'";
    const auto close = [](std::FILE* const pipe) { ::pclose(pipe); };
    const std::unique_ptr<std::FILE, decltype(close)> pipe{::popen(command.c_str(), "re"), close};
    std::ofstream file{path, std::ios::binary};
    std::vector<char> block(1 << 16);
    std::size_t total = 0;
    while (pipe) {
        const std::size_t count = std::fread(block.data(), 1, block.size(), pipe.get());
        if (count == 0) {
            break;
        }
        file.write(block.data(), static_cast<std::streamsize>(count));
        total += count;
    }
    if (!file || total == 0) {
        throw std::runtime_error("cannot extract the golden file " + name + " to " + path);
    }
}

/// The lines of a text file of the test data.
inline std::vector<std::string> golden_lines(const std::string& name) {
    std::ifstream file{std::string{CPPERON_TEST_DATA} + "/" + name};
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        lines.push_back(line);
    }
    return lines;
}

}  // namespace cpperon::test
