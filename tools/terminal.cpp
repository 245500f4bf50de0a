#include "tools/terminal.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <poll.h>
#include <string>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tools/text.hpp"

namespace cpperon::tools {

namespace {

constexpr std::string_view enter_screen = "\x1b[?1049h\x1b[?25l";  // the alternate one, without a cursor
constexpr std::string_view leave_screen = "\x1b[?25h\x1b[?1049l";
constexpr std::string_view go_home = "\x1b[H";
constexpr std::string_view clear_line_end = "\x1b[K";
constexpr std::string_view clear_below = "\x1b[J";
constexpr std::string_view reset_style = "\x1b[0m";

std::string_view start_of(const LineStyle style) noexcept {
    switch (style) {
        case LineStyle::plain: break;
        case LineStyle::heading: return "\x1b[1m";
        case LineStyle::moving: return "\x1b[32m";
        case LineStyle::alarming: return "\x1b[31m";
    }
    return {};
}

// relaxed: for a signal handler of the same thread, or of one that only reads.
std::atomic<const Terminal*> on_screen{nullptr};
static_assert(std::atomic<const Terminal*>::is_always_lock_free, "a signal handler must not lock");

/// A terminal that has gone takes no more; nothing is to be done about it here.
void write_all(std::string_view text) noexcept {
    while (!text.empty()) {
        const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
        if (written <= 0) {
            return;
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

struct Sequence {
    std::string_view bytes;
    Key key;
};

constexpr Sequence sequences[] = {
    {"q", Key::quit},      {"Q", Key::quit},      {"s", Key::sort},          {"t", Key::streams},
    {"k", Key::up},        {"j", Key::down},      {"\x1b[A", Key::up},       {"\x1b[B", Key::down},
    {"\x1bOA", Key::up},   {"\x1bOB", Key::down}, {"\x1b[5~", Key::page_up}, {"\x1b[6~", Key::page_down},
    {" ", Key::page_down}, {"\x1b[H", Key::home}, {"\x1b[1~", Key::home},    {"\x1bOH", Key::home},
};

}  // namespace

std::vector<Key> decode_keys(std::string_view bytes) {
    std::vector<Key> keys;
    while (!bytes.empty()) {
        const auto* const known = std::ranges::find_if(
            sequences, [&](const Sequence& sequence) { return bytes.starts_with(sequence.bytes); });
        if (known != std::ranges::end(sequences)) {
            keys.push_back(known->key);
            bytes.remove_prefix(known->bytes.size());
            continue;
        }
        keys.push_back(Key::other);
        // The rest of a sequence that is not known must not be taken for letters.
        bytes.remove_prefix(bytes.front() == '\x1b' ? bytes.size() : 1);
    }
    return keys;
}

bool Terminal::is_there() {
    const char* const kind = std::getenv("TERM");
    return ::isatty(STDOUT_FILENO) == 1 && kind != nullptr && std::string_view{kind} != "dumb";
}

Terminal::Terminal() {
    const char* const no_colour = std::getenv("NO_COLOR");
    has_colours_ = no_colour == nullptr || *no_colour == '\0';
    if (::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &before_) == 0) {
        input_ = STDIN_FILENO;
    }
    enter();
}

Terminal::~Terminal() {
    leave();
}

void Terminal::enter() {
    if (input_ >= 0) {
        ::termios by_key = before_;
        by_key.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        ::tcsetattr(input_, TCSANOW, &by_key);
    }
    write_all(enter_screen);
    on_screen.store(this, std::memory_order_relaxed);
}

void Terminal::leave() const noexcept {
    on_screen.store(nullptr, std::memory_order_relaxed);
    write_all(leave_screen);
    if (input_ >= 0) {
        ::tcsetattr(input_, TCSANOW, &before_);
    }
}

Terminal::Size Terminal::size() {
    ::winsize found{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &found) != 0 || found.ws_row == 0 || found.ws_col == 0) {
        return {.lines = 24, .columns = 80};
    }
    return {.lines = found.ws_row, .columns = found.ws_col};
}

void Terminal::paint(const std::vector<Line>& lines) const {
    const Size fits = size();
    std::string page{go_home};
    const std::size_t count = std::min(lines.size(), fits.lines);
    for (std::size_t index = 0; index < count; ++index) {
        const Line& line = lines[index];
        const std::string_view style = has_colours_ ? start_of(line.style) : std::string_view{};
        page += style;
        page += cut_to_columns(line.text, fits.columns);
        page += style.empty() ? style : reset_style;
        page += clear_line_end;
        page += index + 1 < count ? "\n" : "";
    }
    page += count < fits.lines ? clear_below : "";
    write_all(page);
}

std::vector<Key> Terminal::read_keys() {
    ::pollfd source{.fd = input_, .events = POLLIN, .revents = 0};
    if (input_ < 0 || ::poll(&source, 1, 0) <= 0) {
        return {};
    }
    std::array<char, 64> bytes{};
    const ssize_t count = ::read(input_, bytes.data(), bytes.size());
    if (count <= 0) {
        input_ = -1;
        return {};
    }
    return decode_keys({bytes.data(), static_cast<std::size_t>(count)});
}

void Terminal::give_back() noexcept {
    if (const Terminal* const terminal = on_screen.load(std::memory_order_relaxed)) {
        terminal->leave();
    }
}

void Terminal::suspend() {
    leave();
    ::raise(SIGSTOP);
    enter();
}

}  // namespace cpperon::tools
