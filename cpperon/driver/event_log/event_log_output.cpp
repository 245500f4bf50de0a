#include "cpperon/driver/event_log/event_log_output.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"

namespace cpperon::driver {

void EventLogOutput::Close::operator()(std::FILE* const file) const noexcept {
    if (file != stdout) {
        static_cast<void>(std::fclose(file));  // what could not be written was told by a flush
    }
}

EventLogOutput::EventLogOutput(EventLogFileSpec spec) : spec_(std::move(spec)) {
    if (spec_.path.empty()) {
        spec_.max_length = 0;
        file_.reset(stdout);
    } else {
        open();
    }
}

void EventLogOutput::open() {
    File file{std::fopen(spec_.path.c_str(), "ae")};
    if (!file) {
        const int system_error = errno;
        throw IoError(
            fmt::format(
                "cannot open the event log aeron.event.log.filename={} (its folder must be there, and the driver "
                "must be allowed to write to it)",
                spec_.path),
            system_error);
    }
    std::error_code unknown;
    const std::uintmax_t length = std::filesystem::file_size(spec_.path, unknown);
    length_ = unknown ? 0 : static_cast<std::int64_t>(length);
    file_ = std::move(file);
}

void EventLogOutput::append(const std::string_view line) {
    const bool is_written =
        std::fwrite(line.data(), 1, line.size(), file_.get()) == line.size() && std::fputc('\n', file_.get()) != EOF;
    length_ += static_cast<std::int64_t>(line.size()) + 1;
    if (!is_written) {
        const int system_error = errno;
        std::clearerr(file_.get());
        throw IoError(fmt::format("cannot write to the event log {}", name()), system_error);
    }
}

void EventLogOutput::flush() {
    if (std::fflush(file_.get()) != 0) {
        const int system_error = errno;
        std::clearerr(file_.get());
        throw IoError(fmt::format("cannot write to the event log {}", name()), system_error);
    }
}

void EventLogOutput::roll() {
    flush();
    const std::string aside = next_free_path();
    std::error_code error;
    std::filesystem::rename(spec_.path, aside, error);
    if (error) {
        spec_.max_length = 0;
        throw IoError(
            fmt::format("cannot put the event log {} aside as {}; it goes on getting longer", spec_.path, aside),
            error.value());
    }
    try {
        open();
    } catch (...) {
        spec_.max_length = 0;  // the old one, under its new name, is still open
        throw;
    }
}

std::string EventLogOutput::next_free_path() {
    std::error_code ignored;
    std::string path;
    do {
        path = fmt::format("{}.{}", spec_.path, next_roll_++);
    } while (std::filesystem::exists(std::filesystem::symlink_status(path, ignored)));
    return path;
}

}  // namespace cpperon::driver
