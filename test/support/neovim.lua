-- Drives Neovim's own LSP client against the language server, without a window. Reads its orders from the environment,
-- writes what it saw as one line of JSON, and ends.
local function fail(message)
  io.stdout:write(vim.json.encode({ failure = message }) .. '\n')
  vim.cmd('cquit 1')
end

local function main()
  local seen = { notifications = {} }
  local path = vim.env.PROMPT_FILE
  vim.cmd('edit ' .. vim.fn.fnameescape(path))
  vim.bo.filetype = 'paligemma'
  local buffer = vim.api.nvim_get_current_buf()
  local client_id = vim.lsp.start_client({
    name = 'paligemma',
    cmd = { vim.env.NODE, vim.env.CLI, 'lsp', '--stdio' },
    root_dir = vim.fn.fnamemodify(path, ':h'),
  })
  vim.lsp.buf_attach_client(buffer, client_id)
  local client = vim.lsp.get_client_by_id(client_id)
  local uri = vim.uri_from_bufnr(buffer)
  local document = { textDocument = { uri = uri } }

  local function until_true(what, condition)
    if not vim.wait(20000, condition, 20) then error('waited in vain for ' .. what) end
  end

  local function ask(method, params)
    local answer
    client.request(method, params, function(err, result) answer = { err = err, result = result } end, buffer)
    until_true(method, function() return answer ~= nil end)
    if answer.err then error(method .. ': ' .. vim.inspect(answer.err)) end
    return answer.result
  end

  local function diagnostics()
    local codes = {}
    for _, diagnostic in ipairs(vim.diagnostic.get(buffer)) do
      table.insert(codes, { code = diagnostic.code, line = diagnostic.lnum, column = diagnostic.col, message = diagnostic.message })
    end
    return codes
  end

  until_true('initialize', function() return client.initialized end)
  until_true('diagnostics', function() return #diagnostics() > 0 end)
  seen.diagnostics = diagnostics()

  -- Completion as omnifunc and plug-ins ask for it.
  local list = ask('textDocument/completion', vim.tbl_extend('force', document, { position = { line = 2, character = 3 } }))
  seen.completion = vim.tbl_map(function(item) return item.label end, list.items)

  -- The quick fix, applied by Neovim itself.
  local params = vim.lsp.util.make_range_params()
  params.range = { start = { line = 1, character = 0 }, ['end'] = { line = 1, character = 0 } }
  params.context = { diagnostics = {}, only = { 'quickfix' } }
  local actions = ask('textDocument/codeAction', params)
  seen.actions = vim.tbl_map(function(action) return action.title end, actions)
  vim.lsp.util.apply_workspace_edit(actions[1].edit, client.offset_encoding)
  seen.fixed = vim.api.nvim_buf_get_lines(buffer, 1, 2, false)[1]

  -- A run by a command that Neovim knows nothing about.
  seen.summary = ask('workspace/executeCommand', { command = 'paligemma.runPrompt', arguments = { { uri = uri, line = 1 } } })
  until_true('the result as a diagnostic', function()
    for _, diagnostic in ipairs(diagnostics()) do if diagnostic.code == 'result' then return true end end
  end)
  seen.after = diagnostics()
  local hints = ask('textDocument/inlayHint', vim.tbl_extend('force', document, {
    range = { start = { line = 0, character = 0 }, ['end'] = { line = 99, character = 0 } },
  }))
  seen.hints = vim.tbl_map(function(hint) return { line = hint.position.line, character = hint.position.character, label = hint.label } end, hints)

  -- The edit that takes the answer as expected comes as a request of the server.
  ask('workspace/executeCommand', { command = 'paligemma.acceptResult', arguments = { { uri = uri, line = 1 } } })
  seen.text = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
  io.stdout:write(vim.json.encode(seen) .. '\n')
  client.stop()
  vim.wait(5000, function() return client.is_stopped() end, 20)
end

local ok, message = pcall(main)
if not ok then fail(message) end
vim.cmd('qall!')
