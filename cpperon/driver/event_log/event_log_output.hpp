/// Where the lines of the event log go: standard output, or a file that is appended to and, when it gets too long,
/// put aside as `<file>.1`, `<file>.2`, …, the first that is free. Used by the reader of the log. spec: 06 §22
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace cpperon::driver {

struct EventLogFileSpec {
    std::string path;             ///< empty: standard output
    std::int64_t max_length = 0;  ///< bytes of a file that is put aside; 0: it never is
};

class EventLogOutput {
public:
    /// Throws `IoError` where the file cannot be opened.
    explicit EventLogOutput(EventLogFileSpec spec);

    /// Appends a line, to which the end is added here. Throws `IoError` where it cannot be written.
    void append(std::string_view line);
    /// What was appended is there for others to read. Throws `IoError` likewise.
    void flush();

    /// It is time to roll: the file is long enough.
    [[nodiscard]] bool is_full() const noexcept { return spec_.max_length > 0 && length_ >= spec_.max_length; }
    /// Puts the file aside and begins a new one. Throws `IoError` where that cannot be done: lines go on into the old
    /// one then, however long it gets.
    void roll();

private:
    struct Close {
        void operator()(std::FILE* file) const noexcept;
    };
    using File = std::unique_ptr<std::FILE, Close>;

    void open();
    [[nodiscard]] std::string next_free_path();
    [[nodiscard]] std::string name() const { return spec_.path.empty() ? "standard output" : spec_.path; }

    EventLogFileSpec spec_;
    File file_;
    std::int64_t length_ = 0;     // of the file
    std::int64_t next_roll_ = 1;  // files with lower numbers are there
};

}  // namespace cpperon::driver
