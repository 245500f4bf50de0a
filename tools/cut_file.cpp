#include "tools/cut_file.hpp"

#include <array>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <span>
#include <string_view>
#include <unistd.h>

#include "tools/terminal.hpp"

namespace cpperon::tools {

namespace {

// All of it runs in a signal handler: no memory is taken, and nothing is called that others might hold a lock of.

/// A line of `file` without its end, as far as there is room; false where there are no more.
bool read_line(const int file, const std::span<char> room, std::string_view& line) noexcept {
    std::size_t length = 0;
    char next = 0;
    while (::read(file, &next, 1) == 1) {
        if (next == '\n') {
            line = {room.data(), length};
            return true;
        }
        if (length < room.size()) {
            room[length++] = next;
        }
    }
    return false;
}

/// `7f0c1000-7f0c3000 r--s 00000000 00:1a 42    /dev/shm/aeron/cnc.dat`
bool is_of(const std::string_view mapping, const std::uintptr_t address) noexcept {
    constexpr int hexadecimal = 16;
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    const char* const stop = mapping.data() + mapping.size();
    const char* const dash = std::from_chars(mapping.data(), stop, begin, hexadecimal).ptr;
    return dash != stop && std::from_chars(dash + 1, stop, end, hexadecimal).ec == std::errc{} && begin <= address &&
           address < end;
}

/// The file that is mapped at `address`; empty if it is none. `room`: for what is returned.
std::string_view file_at(const std::uintptr_t address, const std::span<char> room) noexcept {
    const int mappings = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    std::string_view line;
    while (read_line(mappings, room, line)) {
        if (is_of(line, address)) {
            const std::size_t path = line.find('/');
            return path == std::string_view::npos ? std::string_view{} : line.substr(path);
        }
    }
    return {};
}

void print(const std::string_view text) noexcept {
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

void on_bus_error(int /*signal*/, ::siginfo_t* const info, void* /*context*/) {
    std::array<char, 8'192> room{};
    const std::string_view path = file_at(reinterpret_cast<std::uintptr_t>(info->si_addr), room);
    if (path.empty()) {
        return;  // and touches it again, with the usual outcome
    }
    Terminal::give_back();
    print("cpperon: the file ");
    print(path);
    print(" lost its end while it was in use: it was cut short, or its file system has no space left\n");
    ::_exit(EXIT_FAILURE);
}

}  // namespace

void tell_of_cut_files() {
    struct sigaction action {};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = static_cast<int>(SA_SIGINFO | SA_RESETHAND);
    ::sigemptyset(&action.sa_mask);
    ::sigaction(SIGBUS, &action, nullptr);
}

}  // namespace cpperon::tools
