/// The terminal of a command that redraws its screen, as `top` does.
#pragma once

#include <cstddef>
#include <string_view>
#include <termios.h>
#include <vector>

#include "tools/line.hpp"

namespace cpperon::tools {

/// What a key means.
enum class Key { other, quit, sort, streams, up, down, page_up, page_down, home };

/// The keys in what a terminal sent: letters, and the sequences of the others.
[[nodiscard]] std::vector<Key> decode_keys(std::string_view bytes);

/// Standard output as a screen of its own, and keys without a line's end. What was there before comes back at the end.
/// Colours unless `NO_COLOR` is set.
class Terminal {
public:
    Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    ~Terminal();

    /// Whether standard output is a terminal that can be redrawn.
    [[nodiscard]] static bool is_there();

    struct Size {
        std::size_t lines;
        std::size_t columns;
    };
    [[nodiscard]] static Size size();

    /// Replaces what is on the screen; what does not fit is cut off.
    void paint(const std::vector<Line>& lines) const;

    /// Where keys come from; -1 where none do: standard input is no terminal, or has ended.
    [[nodiscard]] int input() const noexcept { return input_; }
    /// Empty where no key was pressed. Does not wait.
    [[nodiscard]] std::vector<Key> read_keys();

    /// Gives the screen back, stops this process as Ctrl-Z does, and takes the screen again when it goes on.
    void suspend();

    /// Gives the screen back, if there is one, for a program that ends without destructors. Signal handlers may call
    /// it.
    static void give_back() noexcept;

private:
    void enter();
    void leave() const noexcept;

    bool has_colours_;
    int input_ = -1;
    ::termios before_{};
};

}  // namespace cpperon::tools
