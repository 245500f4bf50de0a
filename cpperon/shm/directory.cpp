#include "cpperon/shm/directory.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <pwd.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"

namespace cpperon::shm {

namespace {

/// Longest path, without the terminating NUL. spec: 01 §2.1
constexpr std::size_t max_path_length = 4'095;

std::optional<std::string> non_empty(std::optional<std::string> value) {
    return value && !value->empty() ? value : std::nullopt;
}

std::string user_name(const UserEnvironment& environment) {
    if (auto name = non_empty(environment.variable("USER"))) {
        return *name;
    }
    return non_empty(environment.user_name()).value_or("default");
}

void check_path(const std::string& directory) {
    if (directory.empty()) {
        detail::throw_error({ErrorCode::invalid_argument,
                             "the Aeron directory is the empty path; set AERON_DIR or the context's directory"});
    }
    if (directory.size() > max_path_length) {
        detail::throw_error({ErrorCode::invalid_argument,
                             fmt::format("the Aeron directory has a path of {} bytes, at most {} are allowed: '{}...'",
                                         directory.size(), max_path_length, directory.substr(0, 64))});
    }
}

void check_is_not_root(const std::string& directory) {
    if (directory.find_last_not_of('/') == std::string::npos) {
        detail::throw_error({ErrorCode::invalid_argument,
                             fmt::format("the Aeron directory is '{}', the root of the file system; choose another "
                                         "one, it is deleted when a driver starts",
                                         directory)});
    }
}

}  // namespace

UserEnvironment UserEnvironment::of_process() {
    return {.variable = [](const char* const name) -> std::optional<std::string> {
                const char* const value = std::getenv(name);
                return value == nullptr ? std::nullopt : std::optional<std::string>{value};
            },
            .user_name = []() -> std::optional<std::string> {
                std::array<char, 16'384> buffer{};
                passwd entry{};
                passwd* found = nullptr;
                if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr ||
                    found->pw_name == nullptr) {
                    return std::nullopt;
                }
                return std::string{found->pw_name};
            }};
}

std::string default_directory(const UserEnvironment& environment, const DirectoryRoot root) {
    std::string path = "/dev/shm";
    if (root == DirectoryRoot::temporary) {
        path = non_empty(environment.variable("TMPDIR")).value_or("/tmp");
    }
    if (path.back() != '/') {
        path += '/';
    }
    return path + "aeron-" + user_name(environment);
}

std::string configured_directory(const UserEnvironment& environment) {
    const auto configured = non_empty(environment.variable("AERON_DIR"));
    return configured ? *configured : default_directory(environment);
}

std::string cnc_path(const std::string& directory) {
    return directory + "/cnc.dat";
}

std::string loss_report_path(const std::string& directory) {
    return directory + "/loss-report.dat";
}

std::string publications_path(const std::string& directory) {
    return directory + "/publications";
}

std::string images_path(const std::string& directory) {
    return directory + "/images";
}

std::string publication_log_path(const std::string& directory, const std::int64_t registration_id) {
    return fmt::format("{}/{}.logbuffer", publications_path(directory), registration_id);
}

std::string image_log_path(const std::string& directory, const std::int64_t correlation_id) {
    return fmt::format("{}/{}.logbuffer", images_path(directory), correlation_id);
}

void create_directory(const std::string& directory) {
    check_path(directory);
    for (const std::string& path : {directory, publications_path(directory), images_path(directory)}) {
        std::error_code failure;
        std::filesystem::create_directories(path, failure);
        if (failure) {
            throw IoError(fmt::format("cannot create the directory '{}'", path), failure.value());
        }
    }
}

void empty_directory(const std::string& directory) {
    check_path(directory);
    check_is_not_root(directory);
    std::error_code failure;
    std::filesystem::directory_iterator entries{directory, failure};
    while (!failure && entries != std::filesystem::directory_iterator{}) {
        const std::filesystem::path entry = entries->path();
        std::filesystem::remove_all(entry, failure);  // removes links, does not follow them
        if (failure) {
            throw IoError(fmt::format("cannot delete '{}'", entry.string()), failure.value());
        }
        entries.increment(failure);
    }
    if (failure) {
        throw IoError(fmt::format("cannot read the directory '{}'", directory), failure.value());
    }
}

void delete_directory(const std::string& directory) {
    check_path(directory);
    check_is_not_root(directory);
    // With a separator at its end, the name of a symbolic link would stand for what it points to.
    const std::size_t last = directory.find_last_not_of('/');
    std::error_code failure;
    std::filesystem::remove_all(directory.substr(0, last + 1), failure);  // removes links, does not follow them
    if (failure) {
        throw IoError(fmt::format("cannot delete the directory '{}'", directory), failure.value());
    }
}

}  // namespace cpperon::shm
