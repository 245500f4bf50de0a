#include "tools/plot.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <memory>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"

namespace cpperon::tools {

namespace {

constexpr const char* colours[] = {"#1a6fb0", "#d9622b", "#3a8f4d", "#7b4fa3"};

/// Within single quotes gnuplot takes everything as it is, but for line ends.
std::string in_quotes(const std::string_view text) {
    std::string result = "'";
    for (const char c : text) {
        if (c == '\'') {
            result += "''";
        } else {
            result += c == '\n' || c == '\r' ? ' ' : c;
        }
    }
    return result + "'";
}

std::string axis_commands(const char name, const PlotAxis& axis) {
    std::string result = fmt::format("set {}label {} textcolor '#202020'\n", name, in_quotes(axis.label));
    if (axis.is_logarithmic) {
        result += fmt::format("set logscale {}\n", name);
    }
    result += fmt::format("set {}range [{}:{}]\n", name, axis.from,
                          axis.to > axis.from ? fmt::format("{}", axis.to) : std::string{"*"});
    if (!axis.ticks.empty()) {
        std::string ticks;
        for (const auto& [place, label] : axis.ticks) {
            ticks += fmt::format("{}{} {}", ticks.empty() ? "" : ", ", in_quotes(label), place);
        }
        result += fmt::format("set {}tics ({})\n", name, ticks);
    }
    return result;
}

struct CloseFile {
    void operator()(std::FILE* const file) const noexcept { std::fclose(file); }
};
using TemporaryFile = std::unique_ptr<std::FILE, CloseFile>;

TemporaryFile make_temporary_file() {
    TemporaryFile file{std::tmpfile()};
    if (!file) {
        throw IoError("cannot make a temporary file for gnuplot", errno);
    }
    return file;
}

/// Runs gnuplot on a script; what it complained of, or nothing if all went well.
std::string run_gnuplot(const std::string& script) {
    const TemporaryFile input = make_temporary_file();
    const TemporaryFile complaints = make_temporary_file();
    if (std::fwrite(script.data(), 1, script.size(), input.get()) != script.size() || std::fflush(input.get()) != 0) {
        throw IoError("cannot write a temporary file for gnuplot", errno);
    }
    std::rewind(input.get());

    posix_spawn_file_actions_t actions{};
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ::fileno(input.get()), STDIN_FILENO);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, ::fileno(complaints.get()), STDERR_FILENO);
    char name[] = "gnuplot";
    char* const arguments[] = {name, nullptr};
    pid_t child = 0;
    const int error = ::posix_spawnp(&child, name, &actions, nullptr, arguments, environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        throw IoError("--plot needs gnuplot, which cannot be run: install it (Debian: apt install gnuplot-nox)", error);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) == -1 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return {};
    }
    std::string text(2'000, '\0');
    std::rewind(complaints.get());
    text.resize(std::fread(text.data(), 1, text.size(), complaints.get()));
    return text.empty() ? fmt::format("it ended with status {}", status) : text;
}

}  // namespace

std::string gnuplot_script(const Plot& plot, const std::string& path) {
    std::string script = fmt::format(
        "set encoding utf8\n"
        "set terminal svg size 960,560 dynamic name 'cpperon' noenhanced font 'sans-serif,14' linewidth 1.5 background "
        "'#ffffff'\n"
        "set output {}\n"
        "set border 3 linecolor '#606060' linewidth 0.7\n"
        "set grid linecolor '#d8d8d8' linewidth 0.7 dashtype solid\n"
        "set tics nomirror textcolor '#303030'\n"
        "set key at screen 0.5, screen 0.045 center horizontal reverse Left textcolor '#303030' samplen 2 width 2\n"
        "set title {} font ',17' textcolor '#202020' offset 0,1.2\n"
        "set label 1 {} at graph 0.5,1.05 center textcolor '#505050'\n"
        "set tmargin 5\n"
        "set bmargin 6\n",
        in_quotes(path), in_quotes(plot.title), in_quotes(plot.subtitle));
    script += axis_commands('x', plot.x) + axis_commands('y', plot.y);
    std::string lines;
    std::size_t index = 0;
    for (const PlotSeries& series : plot.series) {
        if (series.points.empty()) {
            continue;
        }
        script += fmt::format("$series{} << END\n", index);
        for (const auto& [x, y] : series.points) {
            script += fmt::format("{} {}\n", x, y);
        }
        script += "END\n";
        lines +=
            fmt::format("{}$series{} using 1:2 with {} linecolor '{}' linewidth 1.6 pointtype 7 pointsize 0.4 title {}",
                        lines.empty() ? "plot " : ", ", index, series.points.size() > 60 ? "lines" : "linespoints",
                        colours[index % std::size(colours)], in_quotes(series.name));
        ++index;
    }
    return script + lines + "\n";
}

void check_can_plot(const std::string& path) {
    if (const std::string complaints = run_gnuplot("exit\n"); !complaints.empty()) {
        throw Error(ErrorCode::generic_error, fmt::format("--plot needs gnuplot, which does not work: {}", complaints));
    }
    errno = 0;
    if (!std::ofstream{path, std::ios::app}) {
        throw IoError(fmt::format("cannot write the picture of --plot to '{}'", path), errno);
    }
}

void write_svg(const Plot& plot, const std::string& path) {
    if (const std::string complaints = run_gnuplot(gnuplot_script(plot, path)); !complaints.empty()) {
        throw Error(ErrorCode::generic_error, fmt::format("gnuplot cannot draw '{}': {}", path, complaints));
    }
}

}  // namespace cpperon::tools
