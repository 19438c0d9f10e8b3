#include "tools/gradmatch/contexts.h"

#include <sys/stat.h>

#include "gtest/gtest.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {
namespace {

Contexts Two() {
  Contexts contexts;
  contexts.current = "trial";
  contexts.all = {
      {.name = "trial",
       .endpoint = "127.0.0.1:50051",
       .files = {.tls_ca = "/t/ca.pem",
                 .tls_cert = "/t/c.pem",
                 .tls_key = "/t/c.key",
                 .tls_server_name = "localhost"}},
      {.name = "nation",
       .endpoint = "match.example.cn:443",
       .files = {.tls_ca = "system", .token_file = "/t/a \"b\\c: #1"}}};
  return contexts;
}

TEST(ContextsTest, WhatIsPrintedIsReadBack) {
  const std::string text = PrintContexts(Two());
  const auto back = ParseContexts(text);
  ASSERT_TRUE(back.ok()) << back.status() << text;
  EXPECT_EQ(PrintContexts(*back), text);
  EXPECT_EQ(back->current, "trial");
  ASSERT_NE(back->Find("nation"), nullptr);
  EXPECT_EQ(back->Find("nation")->files.token_file, "/t/a \"b\\c: #1");
  EXPECT_EQ(back->Find("trial")->files.tls_server_name, "localhost");
  EXPECT_TRUE(ParseContexts(PrintContexts({})).ok());
}

TEST(ContextsTest, OddFilesAreRefusedWithTheLine) {
  for (const char* text : {"curent: x\n", "contexts:\n  a:\n    endpont: b\n",
                           "contexts:\n  a:\n    tls_ca: b\n",
                           "contexts:\n  \"a b\":\n    "
                           "endpoint: c:1\n"}) {
    const auto contexts = ParseContexts(text);
    ASSERT_FALSE(contexts.ok()) << text;
    EXPECT_NE(contexts.status().ToString().find("line "), std::string::npos);
  }
}

struct ApplyCase {
  const char* name;
  GlobalOptions given;
  std::string endpoint;  // what comes of it
  std::string tls_ca;
  std::string token_file;
};

TEST(ContextsTest, FlagsWinAndATokenIsForItsOwnServer) {
  const auto options = [](const std::string& endpoint,
                          const std::string& context,
                          const ConnectionFiles& files = {}) {
    GlobalOptions given;
    given.endpoint = endpoint;
    given.context = context;
    given.files = files;
    return given;
  };
  const ApplyCase cases[] = {
      {"the current one", options("", ""), "127.0.0.1:50051", "/t/ca.pem", ""},
      {"a named one", options("", "nation"), "match.example.cn:443", "system",
       "/t/a \"b\\c: #1"},
      {"its own endpoint", options("127.0.0.1:50051", ""), "127.0.0.1:50051",
       "/t/ca.pem", ""},
      {"another endpoint", options("127.0.0.1:1", ""), "127.0.0.1:1", "", ""},
      {"another endpoint, on purpose", options("127.0.0.1:1", "nation"),
       "127.0.0.1:1", "system", "/t/a \"b\\c: #1"},
      {"a flag", options("", "", {.tls_ca = "x.pem"}), "127.0.0.1:50051",
       "x.pem", ""},
  };
  for (const ApplyCase& c : cases) {
    SCOPED_TRACE(c.name);
    GlobalOptions given = c.given;
    ASSERT_TRUE(ApplyContext(Two(), given).ok());
    EXPECT_EQ(given.endpoint, c.endpoint);
    EXPECT_EQ(given.files.tls_ca, c.tls_ca);
    EXPECT_EQ(given.files.token_file, c.token_file);
  }
  GlobalOptions unknown = options("", "none");
  EXPECT_FALSE(ApplyContext(Two(), unknown).ok());
  GlobalOptions none = options("", "");
  EXPECT_TRUE(ApplyContext({}, none).ok());
  EXPECT_EQ(none.endpoint, "");
}

TEST(ContextsTest, TheFileIsForItsOwnerAndMayBeMissing) {
  const TempFolder folder;
  const std::string path = folder / "a/b/contexts.yaml";
  const auto none = ReadContexts(path);
  ASSERT_TRUE(none.ok());
  EXPECT_TRUE(none->all.empty());
  ASSERT_TRUE(WriteContexts(path, Two()).ok());
  const auto back = ReadContexts(path);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(PrintContexts(*back), PrintContexts(Two()));
  struct stat info;
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600);
}

}  // namespace
}  // namespace gradmatch
