/// The Aeron directory: where it is, what lies in it, how it is made and removed. Clients, driver and tools.
/// spec: 01 §2.1, §2.2
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace cpperon::shm {

/// What the location of the directory depends on; tests put in their own.
struct UserEnvironment {
    /// The value of an environment variable, or nothing where it is unset.
    std::function<std::optional<std::string>(const char* name)> variable;
    /// The password database's name of the real user id, or nothing where it has none.
    std::function<std::optional<std::string>()> user_name;

    /// This process's.
    [[nodiscard]] static UserEnvironment of_process();
};

/// Below what the default directory lies.
enum class DirectoryRoot {
    shared_memory,  ///< `/dev/shm`: Linux
    temporary,      ///< `TMPDIR`, else `/tmp`: other POSIX systems
};
#if defined(__linux__)
inline constexpr DirectoryRoot directory_root = DirectoryRoot::shared_memory;
#else
inline constexpr DirectoryRoot directory_root = DirectoryRoot::temporary;
#endif

/// `<root>/aeron-<user>`, whatever `AERON_DIR` says. An empty variable counts as unset. spec: 01 §2.1
[[nodiscard]] std::string default_directory(const UserEnvironment& environment, DirectoryRoot root = directory_root);

/// `AERON_DIR` where it is set, else the default directory. What a program sets itself goes before both.
[[nodiscard]] std::string configured_directory(const UserEnvironment& environment);

// The files of a directory. Paths are joined with one separator and not normalised. spec: 01 §2.2

[[nodiscard]] std::string cnc_path(const std::string& directory);
[[nodiscard]] std::string loss_report_path(const std::string& directory);
[[nodiscard]] std::string publications_path(const std::string& directory);
[[nodiscard]] std::string images_path(const std::string& directory);
/// `registration_id`: of the command that created the publication.
[[nodiscard]] std::string publication_log_path(const std::string& directory, std::int64_t registration_id);
[[nodiscard]] std::string image_log_path(const std::string& directory, std::int64_t correlation_id);

/// Creates the directory with its parents, and `publications` and `images` in it, with mode 0777 less umask. Throws
/// `IoError`; `InvalidArgumentError` for an empty path or one above 4,095 bytes. spec: 01 §2.3 step 2
void create_directory(const std::string& directory);

/// Removes everything in the directory, but not itself. Links are removed, never followed. Throws `IoError`;
/// `InvalidArgumentError` as `create_directory`, and for the root of the file system.
void empty_directory(const std::string& directory);

/// Removes the directory and everything in it, depth first. A symbolic link is removed, never followed. Nothing happens
/// where there is none. Throws `IoError`; `InvalidArgumentError` as `create_directory`.
void delete_directory(const std::string& directory);

}  // namespace cpperon::shm
