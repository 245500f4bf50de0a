#include "cpperon/shm/directory_claim.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"
#include "cpperon/shm/active_driver.hpp"
#include "cpperon/shm/cnc_file.hpp"
#include "cpperon/shm/directory.hpp"
#include "cpperon/shm/error_log_reader.hpp"

namespace cpperon::shm {

namespace {

/// Local time as `<date><separator><hours>-<minutes>-<seconds>.<ms><zone>`, without colons. spec: 01 §2.5
std::string timestamp(const std::int64_t epoch_ms, const char separator) {
    const std::time_t seconds = static_cast<std::time_t>(epoch_ms / 1'000);
    std::tm local{};
    ::localtime_r(&seconds, &local);
    std::array<char, 64> zone{};
    const std::size_t zone_length = std::strftime(zone.data(), zone.size(), "%z", &local);
    return fmt::format("{:04}-{:02}-{:02}{}{:02}-{:02}-{:02}.{:03}{}", local.tm_year + 1900, local.tm_mon + 1,
                       local.tm_mday, separator, local.tm_hour, local.tm_min, local.tm_sec, epoch_ms % 1'000,
                       std::string_view{zone.data(), zone_length});
}

std::string without_trailing_separators(const std::string& path) {
    return path.substr(0, path.find_last_not_of('/') + 1);
}

void write_file(const std::string& path, const std::string& text) {
    const auto close = [](std::FILE* const file) { std::fclose(file); };
    const std::unique_ptr<std::FILE, decltype(close)> file{std::fopen(path.c_str(), "wxe"), close};
    if (!file || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() || std::fflush(file.get()) != 0) {
        throw IoError(fmt::format("cannot save the previous driver's errors to '{}'", path), errno);
    }
}

void refuse_if_active(const DirectoryClaim& claim) {
    const ActivityCheck check = check_driver_activity(claim.directory, claim.driver_timeout_ms, claim.nano_clock,
                                                      claim.epoch_clock, claim.sleep);
    if (check.activity == DriverActivity::active) {
        throw ActiveDriverError(fmt::format("a media driver is active in '{}': {}; stop it, or use another directory",
                                            claim.directory, check.reason));
    }
    if (check.activity == DriverActivity::unpublished) {
        throw ActiveDriverError(
            fmt::format("a media driver may be starting in '{}': {}; if there is none, delete the "
                        "directory",
                        claim.directory, check.reason));
    }
    if (check.activity == DriverActivity::unknown) {
        throw ActiveDriverError(
            fmt::format("a media driver of another version may be active in '{}': {}; if there is none, delete the "
                        "directory, otherwise use another one",
                        claim.directory, check.reason));
    }
}

/// Nobody's work of years is deleted because of a mistyped path. spec: 06 §5 step 2 has no such check.
void refuse_if_foreign(const std::string& directory) {
    constexpr std::array<std::string_view, 4> own_names{"cnc.dat", "publications", "images", "loss-report.dat"};
    std::error_code failure;
    const std::uintmax_t cnc_length = std::filesystem::file_size(cnc_path(directory), failure);
    if (!failure && cnc_length > cnc_header_length) {
        return;
    }
    for (const auto& entry : std::filesystem::directory_iterator{directory, failure}) {
        const std::string name = entry.path().filename();
        if (std::find(own_names.begin(), own_names.end(), name) == own_names.end()) {
            throw InvalidArgumentError(
                fmt::format("'{}' is no Aeron directory: it has no cnc.dat, but '{}'; a driver deletes all that is in "
                            "its directory when it starts: choose another one, or empty this one yourself",
                            directory, name));
        }
    }
}

/// What is in the directory may be deleted, or this throws.
void check_predecessor(const DirectoryClaim& claim) {
    const auto notice = [&claim](const std::string& text) {
        if (claim.on_notice) {
            claim.on_notice(text);
        }
    };
    notice(fmt::format("the Aeron directory '{}' exists already", claim.directory));
    if (!claim.delete_on_start) {
        refuse_if_active(claim);
    }
    refuse_if_foreign(claim.directory);
    if (!claim.delete_on_start) {
        if (const auto saved = save_error_log(claim.directory, claim.epoch_clock)) {
            notice(fmt::format("the errors of the previous driver were saved to '{}'", *saved));
        }
    }
}

}  // namespace

DirectoryLock claim_directory(const DirectoryClaim& claim) {
    std::error_code ignored;  // what cannot be looked at cannot be opened either, and that says why
    if (std::filesystem::is_symlink(without_trailing_separators(claim.directory), ignored) &&
        std::filesystem::is_directory(claim.directory, ignored)) {
        check_predecessor(claim);
        delete_directory(claim.directory);
    }

    const DirectoryLock::Patience patience{
        .timeout_ms = claim.driver_timeout_ms, .nano_clock = claim.nano_clock, .sleep = claim.sleep};
    std::optional<DirectoryLock> lock = DirectoryLock::try_acquire(claim.directory, patience);
    const bool was_there = lock.has_value();
    while (!lock) {
        create_directory(claim.directory);
        lock = DirectoryLock::try_acquire(claim.directory, patience);
    }
    // Another driver may have been first, even if the directory is new.
    if (was_there || std::filesystem::exists(cnc_path(claim.directory), ignored)) {
        check_predecessor(claim);
    }
    empty_directory(claim.directory);
    try {
        create_directory(claim.directory);
    } catch (const Error&) {
        std::filesystem::remove_all(claim.directory, ignored);
        throw;
    }
    return *std::move(lock);
}

std::optional<std::string> save_error_log(const std::string& directory, EpochClock& clock) {
    const CncOpening opening = CncFile::try_open(cnc_path(directory), Access::read_only);
    if (opening.status != CncOpenStatus::ready) {
        return std::nullopt;
    }
    const ErrorLogReader errors{opening.file->error_log()};
    if (!errors.has_errors()) {
        return std::nullopt;
    }
    std::string text;
    const int distinct = errors.for_each([&text](const ErrorObservation& error) {
        text += fmt::format("{} observations from {} to {} for:\n{}\n\n", error.count, timestamp(error.first_ms, ' '),
                            timestamp(error.last_ms, ' '), error.text);
    });
    text += fmt::format("{} distinct errors observed.\n", distinct);
    const std::string path =
        fmt::format("{}-{}-error.log", without_trailing_separators(directory), timestamp(clock.epoch_ms(), ' '));
    write_file(path, text);
    return path;
}

}  // namespace cpperon::shm
