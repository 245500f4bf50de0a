#include "cpperon/client/registered_logs.hpp"

#include <algorithm>

namespace cpperon::client {

std::shared_ptr<const logbuffer::LogFile> RegisteredLogs::open(const std::int64_t id, const std::string& path) {
    const auto found = logs_.find(id);
    if (found != logs_.end()) {
        std::shared_ptr<const logbuffer::LogFile> log = found->second.lock();
        if (log != nullptr && log->path() == path) {
            return log;
        }
    }
    auto log = std::make_shared<const logbuffer::LogFile>(logbuffer::LogFile::open(path, pre_touch_));
    std::erase_if(logs_, [](const auto& entry) { return entry.second.expired(); });
    logs_[id] = log;
    return log;
}

std::size_t RegisteredLogs::count() const noexcept {
    return static_cast<std::size_t>(
        std::count_if(logs_.begin(), logs_.end(), [](const auto& entry) { return !entry.second.expired(); }));
}

}  // namespace cpperon::client
