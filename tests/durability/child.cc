#include "tests/durability/child.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace gradmatch {

ChildEnd RunInChild(const std::string& tmp, unsigned seconds,
                    const std::function<void()>& body) {
  std::fflush(nullptr);
  const pid_t pid = fork();
  if (pid < 0) std::abort();
  if (pid == 0) {
    setenv("TMPDIR", tmp.c_str(), 1);
    alarm(seconds);
    body();
    _exit(0);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  ChildEnd end;
  end.exited = WIFEXITED(status);
  if (end.exited) end.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  return end;
}

}  // namespace gradmatch
