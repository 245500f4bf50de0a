/// What a command that takes a while tells meanwhile: a line on standard error, once a second. On a terminal each one
/// overwrites the one before; elsewhere there are none unless they are asked for.
#pragma once

#include <functional>
#include <semaphore>
#include <string>
#include <thread>

namespace cpperon::tools {

class Progress {
public:
    /// `is_wanted`: `--progress`. `text` is called by a thread of its own, so that who measures never waits for the
    /// terminal, and not any more after the destructor.
    Progress(bool is_wanted, std::function<std::string()> text);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress();

private:
    std::binary_semaphore is_finished_{0};
    std::thread printer_;
};

}  // namespace cpperon::tools
