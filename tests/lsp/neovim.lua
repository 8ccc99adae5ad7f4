-- Neovim 0.7's own client: open a module, print what is said of it, apply the quick fix, save, print again.
local path, program = vim.env.HSLINT_MODULE, vim.env.HSLINT_PROGRAM
local out = io.open(vim.env.HSLINT_OUTPUT, "w")

local function finish()
  out:close()
  vim.cmd("qa!")
end

local function wait(wanted, what)
  if not vim.wait(30000, wanted, 50) then
    out:write("timed out: " .. what .. "\n")
    finish()
  end
end

local function say()
  for _, found in ipairs(vim.diagnostic.get(0)) do
    out:write(string.format("%d:%d-%d:%d %s\n", found.lnum, found.col, found.end_lnum, found.end_col, found.code or ""))
  end
  out:write("--\n")
end

vim.cmd("edit " .. vim.fn.fnameescape(path))
local id = vim.lsp.start_client({ name = "hslint", cmd = { program, "lsp" }, root_dir = vim.fn.fnamemodify(path, ":h") })
vim.lsp.buf_attach_client(0, id)
wait(function() return #vim.diagnostic.get(0) > 0 end, "diagnostics")
say()

local found = vim.diagnostic.get(0)[1]
local params = {
  textDocument = vim.lsp.util.make_text_document_params(0),
  range = {
    start = { line = found.lnum, character = found.col },
    ["end"] = { line = found.end_lnum, character = found.end_col },
  },
  context = { diagnostics = {} },
}
local answers = vim.lsp.buf_request_sync(0, "textDocument/codeAction", params, 30000)
local action = answers[id].result[1]
out:write(action.title .. "\n")
vim.lsp.util.apply_workspace_edit(action.edit, "utf-16")
vim.cmd("write")
wait(function() return #vim.diagnostic.get(0) == 0 end, "no diagnostics")
say()
finish()
