#include "cpperon/logbuffer/raw_log.hpp"

#include "cpperon/base/atomic.hpp"
#include "cpperon/base/atomic_byte.hpp"
#include "cpperon/base/error.hpp"
#include "cpperon/logbuffer/tail.hpp"

namespace cpperon::logbuffer {

RawLog RawLog::open(const std::string& path) {
    return try_open(path).value_or_throw();
}

Result<RawLog> RawLog::try_open(const std::string& path) {
    std::shared_ptr<const MappedFile> file;
    try {
        file = std::make_shared<const MappedFile>(MappedFile::open(path, Access::read_only));
    } catch (const IoError& error) {
        return ErrorInfo{ErrorCode::io_error, error.what()};
    }
    const Result<LogView> view = LogView::attach(file->bytes(), path);
    if (!view) {
        return view.error();
    }
    return RawLog{std::move(file), *view};
}

// acquire throughout <- publishers and driver, ours or a peer's: what a word stands for is in the log.

std::int32_t RawLog::active_term_count() const noexcept {
    return load_acquire(metadata().active_term_count);
}

std::int64_t RawLog::raw_tail(const std::int32_t index) const noexcept {
    return load_acquire(metadata().raw_tails[static_cast<std::size_t>(index)]);
}

std::int64_t RawLog::producer_position() const noexcept {
    return logbuffer::producer_position(view_);
}

std::int64_t RawLog::end_of_stream_position() const noexcept {
    return load_acquire(metadata().end_of_stream_position);
}

bool RawLog::is_connected() const noexcept {
    return load_acquire(metadata().is_connected) == 1;
}

std::int32_t RawLog::active_transport_count() const noexcept {
    return load_acquire(metadata().active_transport_count);
}

bool RawLog::is_publication_revoked() const noexcept {
    return load_acquire(metadata().is_publication_revoked) != 0;
}

}  // namespace cpperon::logbuffer
